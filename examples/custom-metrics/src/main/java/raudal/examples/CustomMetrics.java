package raudal.examples;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.kinesis.sink.KinesisStreamsSink;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;
import org.apache.flink.util.Collector;

/**
 * A word a record, and metrics of the program's own: a counter, a gauge and a meter below the group
 * {@code KinesisAnalytics}, which is what the service publishes beside Flink's metrics.
 */
public final class CustomMetrics {
  private CustomMetrics() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties input = groups.getOrDefault("ConsumerConfigProperties", new Properties());
    Properties output = groups.getOrDefault("ProducerConfigProperties", new Properties());
    String inputStream = input.getProperty("stream.name", "ExampleInputStream");

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(new FlinkKinesisConsumer<>(inputStream, new SimpleStringSchema(), input))
        .name("Kinesis source")
        .uid("source")
        .flatMap(new Words())
        .name("Words")
        .uid("words")
        .sinkTo(sink(output))
        .name("Kinesis sink")
        .uid("sink");
    env.execute("Custom metrics");
  }

  /** Splits text into words and counts them. */
  static final class Words extends RichFlatMapFunction<String, String> {
    private transient Counter totalWords;
    private transient int longestWord;

    @Override
    public void open(OpenContext context) {
      MetricGroup group =
          getRuntimeContext()
              .getMetricGroup()
              .addGroup("KinesisAnalytics")
              .addGroup("Service", "WordCountApplication")
              .addGroup("Words");
      totalWords = group.counter("TotalWords");
      group.gauge("LongestWord", () -> longestWord);
      group.meter("WordsPerSecond", new MeterView(totalWords));
    }

    @Override
    public void flatMap(String text, Collector<String> out) {
      for (String word : text.toLowerCase().split("\\W+")) {
        if (word.isEmpty()) {
          continue;
        }
        totalWords.inc();
        longestWord = Math.max(longestWord, word.length());
        out.collect(word);
      }
    }
  }

  private static KinesisStreamsSink<String> sink(Properties properties) {
    return KinesisStreamsSink.<String>builder()
        .setStreamName(properties.getProperty("stream.name", "ExampleOutputStream"))
        .setKinesisClientProperties(properties)
        .setSerializationSchema(new SimpleStringSchema())
        .setPartitionKeyGenerator(word -> word)
        .build();
  }
}
