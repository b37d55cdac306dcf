package raudal.examples;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.kinesis.sink.KinesisStreamsSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;

/** Copies every record of one Kinesis stream to another, unchanged. */
public final class KinesisPassThrough {
  private static final String STREAM_NAME = "stream.name";

  private KinesisPassThrough() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties input = groups.getOrDefault("ConsumerConfigProperties", new Properties());
    Properties output = groups.getOrDefault("ProducerConfigProperties", new Properties());

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(source(input))
        .name("Kinesis source")
        .uid("source")
        .sinkTo(sink(output))
        .name("Kinesis sink")
        .uid("sink");
    env.execute("Kinesis pass-through");
  }

  private static FlinkKinesisConsumer<String> source(Properties properties) {
    String stream = properties.getProperty(STREAM_NAME, "ExampleInputStream");
    return new FlinkKinesisConsumer<>(stream, new SimpleStringSchema(), properties);
  }

  /** The partition key follows from the record, so that equal records share a shard. */
  private static KinesisStreamsSink<String> sink(Properties properties) {
    return KinesisStreamsSink.<String>builder()
        .setStreamName(properties.getProperty(STREAM_NAME, "ExampleOutputStream"))
        .setKinesisClientProperties(properties)
        .setSerializationSchema(new SimpleStringSchema())
        .setPartitionKeyGenerator(record -> String.valueOf(record.hashCode()))
        .build();
  }
}
