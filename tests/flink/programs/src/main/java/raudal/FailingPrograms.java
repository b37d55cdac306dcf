package raudal;

import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Programs that must not come to run, each with a reason of its own. */
public final class FailingPrograms {
  private FailingPrograms() {}

  /** main() throws. */
  public static final class Throws {
    public static void main(String[] args) {
      throw new IllegalStateException("outer", new IllegalArgumentException("the property stream.name is missing"));
    }
  }

  /** main() starts no job. */
  public static final class NoJob {
    public static void main(String[] args) {
      StreamExecutionEnvironment.getExecutionEnvironment();
    }
  }

  /** main() ends the JVM. */
  public static final class Exits {
    public static void main(String[] args) {
      System.exit(3);
    }
  }

  /** main() calls what no Flink has. */
  public static final class WrongVersion {
    public static void main(String[] args) {
      throw new NoSuchMethodError("'void org.apache.flink.streaming.api.Gone.gone()'");
    }
  }

  /** main() needs more memory than there is. */
  public static final class NeedsMemory {
    public static void main(String[] args) {
      long[][] all = new long[1 << 20][];
      for (int i = 0; i < all.length; i++) {
        all[i] = new long[1 << 20];
      }
    }
  }

  /** A task fails each time it opens. */
  public static final class FailsAtOnce {
    public static void main(String[] args) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(0, Long.MAX_VALUE).map(new Opens()).sinkTo(new DiscardingSink<>());
      env.execute("fails at once");
    }

    private static final class Opens extends RichMapFunction<Long, Long> {
      @Override
      public void open(org.apache.flink.api.common.functions.OpenContext context) {
        throw new IllegalStateException("cannot open the table");
      }

      @Override
      public Long map(Long value) {
        return value;
      }
    }
  }

  /** Two jobs, one after the other. */
  public static final class TwoJobs {
    public static void main(String[] args) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(0, Long.MAX_VALUE).sinkTo(new DiscardingSink<>());
      env.executeAsync("first");
      env.fromSequence(0, Long.MAX_VALUE).sinkTo(new DiscardingSink<>());
      env.executeAsync("second");
    }
  }

  /** A job that ends. */
  public static final class Finishes {
    public static void main(String[] args) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(0, 1000).sinkTo(new DiscardingSink<>());
      env.execute("finishes");
    }
  }
}
