package raudal.examples;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Copies a Kafka topic to another one, exactly once: what the job writes becomes visible to readers of committed
 * records when a checkpoint completes. All but {@code topic} goes to the Kafka client as it is, so that security
 * settings need no code.
 */
public final class KafkaReplication {
  private static final String TOPIC = "topic";

  private KafkaReplication() {}

  public static void main(String[] args) throws Exception {
    Map<String, Properties> groups = KinesisAnalyticsRuntime.getApplicationProperties();
    Properties from = groups.getOrDefault("KafkaSource", new Properties());
    Properties to = groups.getOrDefault("KafkaSink", new Properties());

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSource(source(from), WatermarkStrategy.noWatermarks(), "Kafka source")
        .uid("source")
        .sinkTo(sink(to))
        .name("Kafka sink")
        .uid("sink");
    env.execute("Kafka replication");
  }

  private static KafkaSource<String> source(Properties properties) {
    return KafkaSource.<String>builder()
        .setProperties(clientProperties(properties))
        .setBootstrapServers(properties.getProperty("bootstrap.servers"))
        .setTopics(properties.getProperty(TOPIC, "AWSKafkaTutorialTopic"))
        .setGroupId(properties.getProperty("group.id", "kafka-replication"))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setValueOnlyDeserializer(new SimpleStringSchema())
        .build();
  }

  private static KafkaSink<String> sink(Properties properties) {
    return KafkaSink.<String>builder()
        .setKafkaProducerConfig(clientProperties(properties))
        .setBootstrapServers(properties.getProperty("bootstrap.servers"))
        .setRecordSerializer(
            KafkaRecordSerializationSchema.builder()
                .setTopic(properties.getProperty(TOPIC, "AWSKafkaTutorialTopicDestination"))
                .setValueSerializationSchema(new SimpleStringSchema())
                .build())
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix("kafka-replication")
        .build();
  }

  private static Properties clientProperties(Properties properties) {
    Properties client = new Properties();
    properties.stringPropertyNames().stream()
        .filter(name -> !name.equals(TOPIC))
        .forEach(name -> client.setProperty(name, properties.getProperty(name)));
    return client;
  }
}
