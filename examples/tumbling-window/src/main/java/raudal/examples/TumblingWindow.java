package raudal.examples;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.kinesis.sink.KinesisStreamsSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;

/** Counts the records of each ticker per ten seconds: Kinesis to Kinesis, a line {@code AAPL,7} per window. */
public final class TumblingWindow {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TumblingWindow() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties input = groups.getOrDefault("ConsumerConfigProperties", new Properties());
    Properties output = groups.getOrDefault("ProducerConfigProperties", new Properties());
    String inputStream = input.getProperty("stream.name", "ExampleInputStream");

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(new FlinkKinesisConsumer<>(inputStream, new SimpleStringSchema(), input))
        .name("Kinesis source")
        .uid("source")
        .map(text -> Tuple2.of(JSON.readTree(text).get("ticker").asText(), 1))
        .returns(Types.TUPLE(Types.STRING, Types.INT))
        .name("Ticker of the record")
        .keyBy(one -> one.f0)
        .window(TumblingProcessingTimeWindows.of(Time.seconds(10)))
        .sum(1)
        .name("Records per ticker in ten seconds")
        .uid("window")
        .map(count -> count.f0 + "," + count.f1 + "\n")
        .sinkTo(sink(output))
        .name("Kinesis sink")
        .uid("sink");
    env.execute("Tumbling window");
  }

  private static KinesisStreamsSink<String> sink(Properties properties) {
    return KinesisStreamsSink.<String>builder()
        .setStreamName(properties.getProperty("stream.name", "ExampleOutputStream"))
        .setKinesisClientProperties(properties)
        .setSerializationSchema(new SimpleStringSchema())
        .setPartitionKeyGenerator(line -> line.substring(0, line.indexOf(',')))
        .build();
  }
}
