package raudal.programs;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Tries to reach what belongs to others: files, addresses, processes and jobs that its properties name. It fails with a
 * list of what it reached, in main() on the JobManager or in its map on a TaskManager; where it reached nothing, it runs.
 */
public final class Rogue {
  private Rogue() {}

  public static void main(String[] arguments) throws Exception {
    Properties settings = KinesisAnalyticsRuntime.getApplicationProperties().get("Rogue");
    complain("JobManager", attempt(settings));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSequence(1, Long.MAX_VALUE).map(new Burglar(settings)).sinkTo(new DiscardingSink<>());
    env.execute("Rogue");
  }

  private static void complain(String where, List<String> reached) {
    if (!reached.isEmpty()) throw new IllegalStateException("The " + where + " reached: " + reached);
  }

  private static String[] words(Properties settings, String name) {
    String text = settings.getProperty(name, "");
    return text.isEmpty() ? new String[0] : text.split(" ");
  }

  private static List<String> attempt(Properties settings) {
    List<String> reached = new ArrayList<>();
    for (String file : words(settings, "files")) {
      if (readable(Paths.get(file))) reached.add(file);
    }
    for (String address : words(settings, "addresses")) {
      if (connects(address)) reached.add(address);
    }
    for (String word : words(settings, "processes")) {
      if (seesProcess(word)) reached.add("process " + word);
    }
    for (String job : words(settings, "jobs")) {
      if (seesJob(job)) reached.add("job " + job);
    }
    return reached;
  }

  private static boolean readable(Path path) {
    try {
      if (!Files.isDirectory(path)) return Files.readAllBytes(path).length >= 0;
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        return entries.iterator().hasNext();
      }
    } catch (IOException | SecurityException refused) {
      return false;
    }
  }

  private static boolean connects(String address) {
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))), 500);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean seesProcess(String word) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Paths.get("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        for (String file : new String[] {"cmdline", "environ"}) {
          try {
            String text = new String(Files.readAllBytes(entry.resolve(file)), StandardCharsets.UTF_8);
            // Its own command line and properties may name the word.
            if (text.contains(word) && !text.contains("rogue")) return true;
          } catch (IOException gone) {
            continue;
          }
        }
      }
    } catch (IOException refused) {
      return false;
    }
    return false;
  }

  private static boolean seesJob(String job) {
    for (int port : new int[] {8081, 8082}) {
      try (java.io.InputStream answer = new URL("http://127.0.0.1:" + port + "/jobs").openStream()) {
        if (new String(answer.readAllBytes(), StandardCharsets.UTF_8).contains(job)) return true;
      } catch (IOException refused) {
        continue;
      }
    }
    return false;
  }

  /** Tries the same on a TaskManager, once its first record is there. */
  private static final class Burglar extends RichMapFunction<Long, Long> {
    private static final long serialVersionUID = 1;
    private final Properties settings;

    Burglar(Properties settings) {
      this.settings = settings;
    }

    @Override
    public void open(Configuration unused) {
      complain("TaskManager", attempt(settings));
      System.out.println("The TaskManager reached nothing.");
    }

    @Override
    public Long map(Long number) throws Exception {
      Thread.sleep(10);
      return number;
    }
  }
}
