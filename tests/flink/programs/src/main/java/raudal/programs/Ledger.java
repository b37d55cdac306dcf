package raudal.programs;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.util.Properties;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer;

/**
 * Reads lines `key,number` from a Kinesis stream, where the numbers of a key are 1, 2, 3, …, and writes each line with
 * the key's running count to S3, exactly once. So every line of the output says whether anything was lost, doubled or
 * forgotten: its count equals its number. No endpoint is set: AWS's own names must lead to the service.
 */
public final class Ledger {
  private Ledger() {}

  public static void main(String[] arguments) throws Exception {
    Properties settings = KinesisAnalyticsRuntime.getApplicationProperties().get("Ledger");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();

    Properties consumer = new Properties();
    consumer.setProperty("aws.region", settings.getProperty("region", "us-east-1"));
    consumer.setProperty("flink.stream.initpos", "TRIM_HORIZON");
    if (settings.containsKey("efo")) {
      consumer.setProperty("flink.stream.recordpublisher", "EFO");
      consumer.setProperty("flink.stream.efo.consumername", settings.getProperty("efo"));
    }

    env.addSource(new FlinkKinesisConsumer<>(settings.getProperty("stream"), new SimpleStringSchema(), consumer))
        .uid("stream")
        .keyBy(line -> line.substring(0, line.indexOf(',')))
        .map(new Count(settings.getProperty("suffix", "")))
        .uid("count")
        .sinkTo(
            FileSink.forRowFormat(new Path(settings.getProperty("output")), new SimpleStringEncoder<String>())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build())
        .uid("output");
    env.execute("Ledger");
  }

  /** Appends the running count of the line's key, and the version's suffix. */
  private static final class Count extends RichMapFunction<String, String> {
    private static final long serialVersionUID = 1;
    private final String suffix;
    private transient ValueState<Long> count;

    Count(String suffix) {
      this.suffix = suffix;
    }

    @Override
    public void open(Configuration unused) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public String map(String line) throws Exception {
      long next = count.value() == null ? 1 : count.value() + 1;
      count.update(next);
      return line + "," + next + suffix;
    }
  }
}
