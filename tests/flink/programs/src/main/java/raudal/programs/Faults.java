package raudal.programs;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Programs that go wrong, each in one way. */
public final class Faults {
  private Faults() {}

  /** Its main() defines no job. */
  public static final class NoJob {
    public static void main(String[] arguments) {
      System.out.println("no job here");
    }
  }

  /** Ends the virtual machine. */
  public static final class Exits {
    public static void main(String[] arguments) {
      System.exit(3);
    }
  }

  /** Throws before it defines a job. */
  public static final class ThrowsInMain {
    public static void main(String[] arguments) {
      throw new IllegalStateException("the moon is full");
    }
  }

  /** Its first record throws, at each attempt. */
  public static final class FailsAtOnce {
    public static void main(String[] arguments) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(1, 1_000_000_000L)
          .map(
              number -> {
                if (number >= 0) throw new IllegalArgumentException("record " + number + " is cursed");
                return number;
              })
          .returns(Long.class)
          .sinkTo(new DiscardingSink<>());
      env.execute("FailsAtOnce");
    }
  }

  /** Calls a method that no Flink has. */
  public static final class WrongFlink {
    public static void main(String[] arguments) {
      throw new NoSuchMethodError("org.apache.flink.streaming.api.datastream.DataStream.timeWindowAll()");
    }
  }

  /** Executes two jobs, one after another. */
  public static final class TwoJobs {
    public static void main(String[] arguments) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      for (String name : new String[] {"first", "second"}) {
        env.fromSequence(1, Long.MAX_VALUE).rebalance().sinkTo(new DiscardingSink<>());
        env.executeAsync(name);
      }
    }
  }

  /** Holds more than its heap has room for. */
  public static final class EatsMemory {
    public static void main(String[] arguments) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(1, Long.MAX_VALUE).map(new Hoard()).sinkTo(new DiscardingSink<>());
      env.execute("EatsMemory");
    }
  }

  private static final class Hoard implements MapFunction<Long, Integer> {
    private static final long serialVersionUID = 1;
    private static final List<byte[]> HOARD = new ArrayList<>();

    @Override
    public Integer map(Long number) {
      HOARD.add(new byte[16 << 20]);
      return HOARD.size();
    }
  }

  /** A batch job: counts to a million and ends. */
  public static final class Ends {
    public static void main(String[] arguments) throws Exception {
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(1, 1_000_000L).sinkTo(new DiscardingSink<>());
      env.execute("Ends");
    }
  }
}
