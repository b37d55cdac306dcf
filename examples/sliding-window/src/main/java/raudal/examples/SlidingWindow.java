package raudal.examples;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.kinesis.sink.KinesisStreamsSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.SlidingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;

/**
 * The lowest price of each ticker in the last ten seconds, every five seconds: a line {@code AAPL,3.17}. The window
 * asks for a parallelism of its own, which the application must have as well.
 */
public final class SlidingWindow {
  private static final int WINDOW_PARALLELISM = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  private SlidingWindow() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties input = groups.getOrDefault("ConsumerConfigProperties", new Properties());
    Properties output = groups.getOrDefault("ProducerConfigProperties", new Properties());
    String inputStream = input.getProperty("stream.name", "ExampleInputStream");

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(new FlinkKinesisConsumer<>(inputStream, new SimpleStringSchema(), input))
        .name("Kinesis source")
        .uid("source")
        .map(SlidingWindow::tickerAndPrice)
        .returns(Types.TUPLE(Types.STRING, Types.DOUBLE))
        .keyBy(quote -> quote.f0)
        .window(SlidingProcessingTimeWindows.of(Time.seconds(10), Time.seconds(5)))
        .min(1)
        .name("Lowest price of ten seconds")
        .uid("window")
        .setParallelism(WINDOW_PARALLELISM)
        .map(lowest -> String.format(Locale.ROOT, "%s,%.2f\n", lowest.f0, lowest.f1))
        .sinkTo(sink(output))
        .name("Kinesis sink")
        .uid("sink");
    env.execute("Sliding window");
  }

  private static Tuple2<String, Double> tickerAndPrice(String text) throws Exception {
    JsonNode record = JSON.readTree(text);
    return Tuple2.of(record.get("ticker").asText(), record.get("price").asDouble());
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
