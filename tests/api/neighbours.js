// Sends each request on standard input to the AWS service that it names and prints the answer: one JSON a line, both
// ways. Credentials come as SDKs find them, or with the request.
const packages = {
  Firehose: '@aws-sdk/client-firehose',
  S3: '@aws-sdk/client-s3',
  SQS: '@aws-sdk/client-sqs',
  STS: '@aws-sdk/client-sts',
  SecretsManager: '@aws-sdk/client-secrets-manager',
};

async function answer(line) {
  const { service, operation, request, credentials } = JSON.parse(line);
  const sdk = require(packages[service]);
  const settings = { endpoint: process.env.AWS_ENDPOINT_URL, maxAttempts: 1, ...(credentials && { credentials }) };
  if (service === 'S3') settings.forcePathStyle = true;
  const client = new sdk[service + 'Client'](settings);
  if (service === 'Firehose' && request.Record) request.Record.Data = Buffer.from(request.Record.Data);
  try {
    const { $metadata, Body, ...value } = await client.send(new sdk[operation + 'Command'](request));
    if (Body) value.Body = await Body.transformToString();
    return { answer: value };
  } catch (error) {
    return { error: error.name, message: error.message };
  } finally {
    client.destroy();
  }
}

const lines = require('readline').createInterface({ input: process.stdin });
let previous = Promise.resolve();
lines.on('line', (line) => {
  previous = previous.then(async () => console.log(JSON.stringify(await answer(line))));
});
