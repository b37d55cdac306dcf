package raudal.examples;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.DateTimeBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;

/**
 * Counts the records of each ticker per window and writes the counts to S3, exactly once: a part file appears when the
 * checkpoint that closed it is complete, so every checkpoint publishes what it covers and nothing is published twice.
 */
public final class S3Sink {
  private static final ObjectMapper JSON = new ObjectMapper();

  private S3Sink() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties input = groups.getOrDefault("ConsumerConfigProperties", new Properties());
    Properties output = groups.getOrDefault("ProducerConfigProperties", new Properties());
    String inputStream = input.getProperty("stream.name", "ExampleInputStream");
    Duration window = Duration.ofSeconds(Long.parseLong(output.getProperty("window.seconds", "60")));

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(new FlinkKinesisConsumer<>(inputStream, new SimpleStringSchema(), input))
        .name("Kinesis source")
        .uid("source")
        .map(text -> Tuple2.of(JSON.readTree(text).get("ticker").asText(), 1))
        .returns(Types.TUPLE(Types.STRING, Types.INT))
        .name("Ticker of the record")
        .keyBy(one -> one.f0)
        .window(TumblingProcessingTimeWindows.of(Time.milliseconds(window.toMillis())))
        .sum(1)
        .name("Records per ticker")
        .uid("window")
        .map(count -> count.f0 + " count: " + count.f1)
        .sinkTo(sink(output))
        .name("S3 sink")
        .uid("sink");
    env.execute("S3 sink");
  }

  private static FileSink<String> sink(Properties properties) {
    Path path = new Path(properties.getProperty("s3.sink.path", "s3a://ka-app-code-user/data"));
    return FileSink.forRowFormat(path, new SimpleStringEncoder<String>("UTF-8"))
        .withBucketAssigner(new DateTimeBucketAssigner<>("yyyy-MM-dd--HH"))
        .withRollingPolicy(OnCheckpointRollingPolicy.build())
        .build();
  }
}
