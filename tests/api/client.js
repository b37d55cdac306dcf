// Sends each request on standard input through the AWS SDK and prints its answer: one JSON a line, both ways.
const sdk = require('@aws-sdk/client-kinesis-analytics-v2');

const client = new sdk.KinesisAnalyticsV2Client({ endpoint: process.env.AWS_ENDPOINT_URL, maxAttempts: 1 });
const timestamps = ['CreateTimestamp', 'SnapshotCreationTimestamp'];

async function answer(line) {
  const { operation, request } = JSON.parse(line);
  for (const name of timestamps) {
    if (request[name]) request[name] = new Date(request[name]);
  }
  try {
    const { $metadata, ...value } = await client.send(new sdk[operation + 'Command'](request));
    return { answer: value };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}

const lines = require('readline').createInterface({ input: process.stdin });
let previous = Promise.resolve();
lines.on('line', (line) => {
  previous = previous.then(async () => console.log(JSON.stringify(await answer(line))));
});
