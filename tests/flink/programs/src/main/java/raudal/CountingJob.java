package raudal;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts numbers by their last digit, without end: 1000 rows a second, and a log record whenever a count is a multiple
 * of 500. The count says whether state was restored.
 */
public final class CountingJob {
  private static final Logger LOG = LoggerFactory.getLogger(CountingJob.class);

  private CountingJob() {}

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataGeneratorSource<Long> numbers = new DataGeneratorSource<>(
        index -> index, Long.MAX_VALUE, RateLimiterStrategy.perSecond(1000), Types.LONG);
    env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers").uid("numbers")
        .keyBy(number -> number % 10)
        .process(new Count()).uid("count");
    LOG.info("A message with \"quotes\", a\ttab and\ntwo lines");
    env.execute("counting");
  }

  private static final class Count extends KeyedProcessFunction<Long, Long, Long> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
      long now = (count.value() == null ? 0 : count.value()) + 1;
      count.update(now);
      if (now % 500 == 0) {
        LOG.info("count of {} is {} at number {}", context.getCurrentKey(), now, number);
      }
    }
  }
}
