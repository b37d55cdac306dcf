import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.kinesis.AmazonKinesisClientBuilder;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * Puts and gets records with the SDKs for Java, which speak CBOR, and subscribes to a shard.
 * Arguments: what to try (v1, v2, http1, http2), endpoint, endpoint for the subscription, access key, secret key.
 */
public class KinesisClients {
    static final String SHARD = "shardId-000000000000";

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("v1")) {
            version1(arguments[1], arguments[3], arguments[4]);
        } else {
            version2(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
        }
        System.out.println("passed");
        System.exit(0);
    }

    static void check(boolean condition, Object found) {
        if (!condition) throw new AssertionError("unexpected: " + found);
    }

    static void version1(String endpoint, String key, String secret) throws Exception {
        var client = AmazonKinesisClientBuilder.standard()
            .withEndpointConfiguration(new EndpointConfiguration(endpoint, "us-east-1"))
            .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(key, secret)))
            .build();
        String stream = "java-v1";
        client.createStream(stream, 1);
        Date begin = client.describeStream(stream).getStreamDescription().getStreamCreationTimestamp();
        check(Math.abs(begin.getTime() - System.currentTimeMillis()) < 60_000, begin);
        byte[] bytes = {0, -1, 127, -128};
        client.putRecord(stream, ByteBuffer.wrap(bytes), "k");
        String iterator = client.getShardIterator(
            new com.amazonaws.services.kinesis.model.GetShardIteratorRequest().withStreamName(stream)
                .withShardId(SHARD).withShardIteratorType("AT_TIMESTAMP").withTimestamp(begin)).getShardIterator();
        var record = client.getRecords(
            new com.amazonaws.services.kinesis.model.GetRecordsRequest().withShardIterator(iterator)).getRecords().get(0);
        check(record.getData().equals(ByteBuffer.wrap(bytes)), record);
        check(!record.getApproximateArrivalTimestamp().before(begin), record);
        try {
            client.describeStream("none");
            check(false, "no error");
        } catch (com.amazonaws.services.kinesis.model.ResourceNotFoundException expected) {
            check(expected.getMessage().contains("none"), expected);
        }
        client.deleteStream(stream);
    }

    static void version2(String kind, String endpoint, String subscribeEndpoint, String key, String secret)
            throws Exception {
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret));
        var client = KinesisClient.builder().httpClient(UrlConnectionHttpClient.create())
            .endpointOverride(URI.create(endpoint)).region(Region.US_EAST_1).credentialsProvider(credentials).build();
        String stream = "java-" + kind;
        client.createStream(request -> request.streamName(stream).shardCount(1));
        client.waiter().waitUntilStreamExists(request -> request.streamName(stream));
        var summary = client.describeStreamSummary(request -> request.streamName(stream)).streamDescriptionSummary();
        Instant begin = summary.streamCreationTimestamp();
        List<PutRecordsRequestEntry> entries = new ArrayList<>();
        for (int number = 0; number < 500; number++) {
            entries.add(PutRecordsRequestEntry.builder().partitionKey("k" + number)
                .data(SdkBytes.fromUtf8String("record " + number)).build());
        }
        check(client.putRecords(request -> request.streamName(stream).records(entries)).failedRecordCount() == 0, "");
        String iterator = client.getShardIterator(request -> request.streamName(stream).shardId(SHARD)
            .shardIteratorType("AT_TIMESTAMP").timestamp(begin)).shardIterator();
        var read = client.getRecords(request -> request.shardIterator(iterator));
        check(read.records().size() == 500 && read.millisBehindLatest() == 0, read.records().size());
        check(read.records().get(499).data().asUtf8String().equals("record 499"), read.records().get(499));
        check(!read.records().get(0).approximateArrivalTimestamp().isBefore(begin), begin);
        try {
            client.describeStream(request -> request.streamName("none"));
            check(false, "no error");
        } catch (ResourceNotFoundException expected) {
            check(expected.getMessage().contains("none"), expected);
        }
        if (!kind.equals("v2")) {
            subscribe(kind, client, subscribeEndpoint, credentials, summary.streamARN(), stream, begin);
        }
        client.deleteStream(request -> request.streamName(stream).enforceConsumerDeletion(true));
    }

    static void subscribe(String kind, KinesisClient client, String endpoint, StaticCredentialsProvider credentials,
                          String arn, String stream, Instant begin) throws Exception {
        var trust = AttributeMap.builder().put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true).build();
        var http = NettyNioAsyncHttpClient.builder()
            .protocol(kind.equals("http1") ? Protocol.HTTP1_1 : Protocol.HTTP2).buildWithDefaults(trust);
        try (var fanOut = KinesisAsyncClient.builder().httpClient(http).endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1).credentialsProvider(credentials).build()) {
            String consumer = fanOut.registerStreamConsumer(request -> request.streamARN(arn).consumerName("c")).get()
                .consumer().consumerARN();
            var events = new LinkedBlockingQueue<SubscribeToShardEvent>();
            var ended = new CompletableFuture<Void>();
            var handler = SubscribeToShardResponseHandler.builder()
                .onError(ended::completeExceptionally)
                .onComplete(() -> ended.complete(null))
                .subscriber(event -> events.add((SubscribeToShardEvent) event)).build();
            fanOut.subscribeToShard(SubscribeToShardRequest.builder().consumerARN(consumer).shardId(SHARD)
                .startingPosition(at -> at.type(ShardIteratorType.AT_TIMESTAMP).timestamp(begin)).build(), handler);
            for (int count = 0; count < 500;) {
                var event = events.poll(30, TimeUnit.SECONDS);
                check(event != null && event.continuationSequenceNumber().length() == 56, event);
                count += event.records().size();
            }
            client.splitShard(request -> request.streamName(stream).shardToSplit(SHARD).newStartingHashKey("1000"));
            ended.get(30, TimeUnit.SECONDS);
            SubscribeToShardEvent last = null;
            for (var event = events.poll(); event != null; event = events.poll()) last = event;
            check(last != null && last.childShards().size() == 2 && last.continuationSequenceNumber() == null, last);
        }
    }
}
