package raudal.examples

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime
import com.fasterxml.jackson.databind.ObjectMapper
import java.util.Properties
import org.apache.flink.api.common.functions.MapFunction
import org.apache.flink.api.common.serialization.SimpleStringSchema
import org.apache.flink.api.common.typeinfo.Types
import org.apache.flink.api.java.functions.KeySelector
import org.apache.flink.api.java.tuple.Tuple2
import org.apache.flink.connector.kinesis.sink.{KinesisStreamsSink, PartitionKeyGenerator}
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows
import org.apache.flink.streaming.api.windowing.time.Time
import org.apache.flink.streaming.connectors.kinesis.FlinkKinesisConsumer

/** The tumbling window in Scala, over Flink's Java API: the JAR brings the Scala library, Flink knows nothing of it. */
object TumblingWindow:
  type Count = Tuple2[String, Integer]

  def main(args: Array[String]): Unit =
    val groups = KinesisAnalyticsRuntime.getApplicationProperties
    val input = groups.getOrDefault("ConsumerConfigProperties", Properties())
    val output = groups.getOrDefault("ProducerConfigProperties", Properties())

    val env = StreamExecutionEnvironment.getExecutionEnvironment
    env
      .addSource(source(input)).name("Kinesis source").uid("source")
      .map(ToCount()).returns(Types.TUPLE[Count](Types.STRING, Types.INT)).name("Ticker of the record")
      .keyBy(Ticker(), Types.STRING)
      .window(TumblingProcessingTimeWindows.of(Time.seconds(10)))
      .sum(1).name("Records per ticker in ten seconds").uid("window")
      .map(ToLine()).returns(Types.STRING)
      .sinkTo(sink(output)).name("Kinesis sink").uid("sink")
    env.execute("Tumbling window, Scala")

  private def source(properties: Properties) =
    FlinkKinesisConsumer[String](
      properties.getProperty("stream.name", "ExampleInputStream"), SimpleStringSchema(), properties)

  private def sink(properties: Properties) =
    KinesisStreamsSink.builder[String]
      .setStreamName(properties.getProperty("stream.name", "ExampleOutputStream"))
      .setKinesisClientProperties(properties)
      .setSerializationSchema(SimpleStringSchema())
      .setPartitionKeyGenerator(LineTicker())
      .build

class ToCount extends MapFunction[String, Tuple2[String, Integer]]:
  @transient private lazy val json = ObjectMapper()

  override def map(text: String): Tuple2[String, Integer] =
    Tuple2.of(json.readTree(text).get("ticker").asText, Integer.valueOf(1))

class Ticker extends KeySelector[Tuple2[String, Integer], String]:
  override def getKey(count: Tuple2[String, Integer]): String = count.f0

class ToLine extends MapFunction[Tuple2[String, Integer], String]:
  override def map(count: Tuple2[String, Integer]): String = s"${count.f0},${count.f1}\n"

class LineTicker extends PartitionKeyGenerator[String]:
  override def apply(line: String): String = line.takeWhile(_ != ',')
