#include "apps/load/record_template.h"

namespace raudal::apps {

// The first four are the generators of Amazon's guide: its stock.py for Kinesis, the same in upper case, the one for
// Kafka, and the words of the Beam tutorial.
const std::vector<NamedTemplate>& named_templates() {
  static const std::vector<NamedTemplate> templates = {
      {"stock-ticker", "prices of five tickers, as the guide's stock.py makes them",
       R"({"event_time": "{{now}}", "ticker": "{{ticker = choice AAPL|AMZN|MSFT|INTC|TBV}}", )"
       R"("price": {{float 0 100 2}}})",
       "{{ticker}}"},
      {"stock-ticker-upper", "the same with names in upper case",
       R"({"EVENT_TIME": "{{now}}", "TICKER": "{{ticker = choice AAPL|AMZN|MSFT|INTC|TBV}}", )"
       R"("PRICE": {{float 0 100 2}}})",
       "{{ticker}}"},
      {"stock-ticker-kafka", "the same with times such as 2026-01-02 03:04:05",
       R"({"event_time": "{{now_text}}", "ticker": "{{ticker = choice AAPL|AMZN|MSFT|INTC|TBV}}", )"
       R"("price": {{float 0 100 2}}})",
       "{{ticker}}"},
      {"ping", "one word a record: ping, telnet, ftp, tracert or netstat",
       "{{word = choice ping|telnet|ftp|tracert|netstat}}", "{{word}}"},
      {"stock-price", "whole prices of three tickers, without a time",
       R"({"ticker": "{{ticker = choice AMZN|MSFT|GOOG}}", "price": {{int 10 150}}})", "{{ticker}}"},
      {"sensor", "temperature and status of a hundred sensors",
       R"({"sensor_id": {{sensor = int 1 100}}, "temperature": {{float 10 40 1}}, )"
       R"("status": "{{choice OK|OK|OK|WARN|FAIL}}", "event_time": "{{now}}"})",
       "{{sensor}}"},
      {"order", "orders of a shop, with a number of their own",
       R"({"order_id": {{index}}, "customer": "customer-{{customer = int 1 1000}}", )"
       R"("product": "{{choice book|lamp|chair|table|mug}}", "quantity": {{int 1 9}}, "amount": {{float 1 500 2}}, )"
       R"("ordered_at": "{{now}}"})",
       "{{customer}}"},
  };
  return templates;
}

}  // namespace raudal::apps
