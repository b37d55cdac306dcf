package raudal.examples;

import static org.apache.flink.streaming.connectors.kinesis.config.ConsumerConfigConstants.EFO_CONSUMER_NAME;
import static org.apache.flink.streaming.connectors.kinesis.config.ConsumerConfigConstants.RECORD_PUBLISHER_TYPE;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.kinesis.sink.KinesisStreamsSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;

/**
 * Reads a stream by enhanced fan-out: the job registers a consumer of its own and the stream pushes records to it
 * (SubscribeToShard). A second job with the same consumer name on the stream would take the subscription away.
 */
public final class EfoConsumer {
  private EfoConsumer() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties input = groups.getOrDefault("ConsumerConfigProperties", new Properties());
    Properties output = groups.getOrDefault("ProducerConfigProperties", new Properties());
    input.putIfAbsent(RECORD_PUBLISHER_TYPE, "EFO");
    input.putIfAbsent(EFO_CONSUMER_NAME, "basic-efo-flink-app");
    String inputStream = input.getProperty("stream.name", "ExampleInputStream");

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(new FlinkKinesisConsumer<>(inputStream, new SimpleStringSchema(), input))
        .name("Kinesis source, enhanced fan-out")
        .uid("source")
        .map(record -> record + ": processed by basic EFO app\n")
        .name("Mark the record")
        .sinkTo(sink(output))
        .name("Kinesis sink")
        .uid("sink");
    env.execute("EFO consumer");
  }

  private static KinesisStreamsSink<String> sink(Properties properties) {
    return KinesisStreamsSink.<String>builder()
        .setStreamName(properties.getProperty("stream.name", "ExampleOutputStream"))
        .setKinesisClientProperties(properties)
        .setSerializationSchema(new SimpleStringSchema())
        .setPartitionKeyGenerator(record -> String.valueOf(record.hashCode()))
        .build();
  }
}
