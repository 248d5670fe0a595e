import Configuration
import Model
import Scrape
import Testing

@Suite("OTLP: names")
struct OTLPNameTests {
    enum Kind { case counter, upDown, gauge }

    private func name(
        _ name: String, _ unit: String, _ kind: Kind,
        _ strategy: OTLPConfiguration.TranslationStrategy
    ) throws -> (name: String, messages: [String]) {
        let request = OTLPRequest { $0.settings.configuration.translationStrategy = strategy }
        let point = OTLPRequest.point(#""asInt":"1""#)
        let metric =
            switch kind {
            case .counter: OTLPRequest.sum(name, unit: unit, point)
            case .upDown: OTLPRequest.sum(name, unit: unit, isMonotonic: false, point)
            case .gauge: OTLPRequest.gauge(name, unit: unit, point)
            }
        let outcome = try request.outcome(metric)
        #expect(outcome.batch.samples.count + outcome.rejectedPoints == 1)
        return (outcome.batch.series.first?.metricName ?? "", outcome.messages)
    }

    @Test(
        "Units, totals and ratios are added, and what names cannot have becomes underscores",
        arguments: [
            ("http.server.requests", "{requests}", .counter, "http_server_requests_total"),
            ("http.server.duration", "ms", .gauge, "http_server_duration_milliseconds"),
            ("requests.total", "1", .counter, "requests_total"),
            ("total.requests", "", .counter, "requests_total"),
            ("memory.usage", "By", .upDown, "memory_usage_bytes"),
            ("memory.usage.bytes", "By", .upDown, "memory_usage_bytes"),
            ("bytes.of.memory", "By", .gauge, "bytes_of_memory"),
            ("cpu.utilization", "1", .gauge, "cpu_utilization_ratio"),
            ("ratio.of.cpu", "1", .gauge, "of_cpu_ratio"),
            ("items", "1", .upDown, "items"),
            ("network.io", "By/s", .gauge, "network_io_bytes_per_second"),
            ("network.io", "By/{packet}", .gauge, "network_io_bytes"),
            ("network.io", "{packet}/s", .gauge, "network_io_per_second"),
            ("network.io", "/s", .gauge, "network_io_per_second"),
            ("network.io", "By/y", .counter, "network_io_bytes_per_year_total"),
            ("network.io", "furlongs/fortnight", .gauge, "network_io_furlongs_per_fortnight"),
            ("speed", "m/s/s", .gauge, "speed_meters_per_s_s"),
            ("speed", " m / h ", .gauge, "speed_meters_per_hour"),
            ("disk", "%", .gauge, "disk_percent"),
            ("temperature", "Cel", .gauge, "temperature_celsius"),
            ("load", "__x__y__", .gauge, "load_x_y_"),
            ("load", "a__/b", .gauge, "load_a_per_b"),
            ("2xx.responses", "", .counter, "_2xx_responses_total"),
            ("a__b..c--d", "", .gauge, "a_b_c_d"),
            ("job:rate:5m", "", .gauge, "job:rate:5m"),
            ("größe", "", .gauge, "gr_e"),
        ] as [(String, String, Kind, String)])
    func normalised(name: String, unit: String, kind: Kind, expected: String) throws {
        #expect(
            try self.name(name, unit, kind, .underscoreEscapingWithSuffixes).name == expected)
    }

    @Test(
        "Each strategy does its own",
        arguments: [
            (.underscoreEscapingWithSuffixes, "a_b_seconds_total"),
            (.underscoreEscapingWithoutSuffixes, "a__b"),
            (.noUTF8EscapingWithSuffixes, "a._b_seconds_total"), (.noTranslation, "a._b"),
        ] as [(OTLPConfiguration.TranslationStrategy, String)])
    func strategies(
        strategy: OTLPConfiguration.TranslationStrategy, expected: String
    ) throws {
        #expect(try name("a._b", "s", .counter, strategy).name == expected)
    }

    @Test(
        "Suffixes that a name has already are not added twice",
        arguments: [
            ("requests.total", "", .counter, "requests_total"),
            ("a.seconds.total", "s", .counter, "a.seconds_total"),
            ("total", "", .counter, "total_total"),
            ("network.io.per_second", "By/s", .gauge, "network.io_bytes_per_second"),
            ("cpu.ratio", "1", .gauge, "cpu_ratio"),
            ("größe", "By", .gauge, "größe_bytes"),
        ] as [(String, String, Kind, String)])
    func suffixed(name: String, unit: String, kind: Kind, expected: String) throws {
        #expect(try self.name(name, unit, kind, .noUTF8EscapingWithSuffixes).name == expected)
    }

    @Test("A metric of whose name nothing is left is refused, alone")
    func invalidNames() throws {
        let strategy = OTLPConfiguration.TranslationStrategy.underscoreEscapingWithSuffixes
        #expect(
            try name("", "", .gauge, strategy).messages
                == [#"normalization for metric "" resulted in empty name"#])
        #expect(
            try name("..", "", .gauge, strategy).messages
                == [#"normalization for metric ".." resulted in empty name"#])
        #expect(
            try name("_.", "", .gauge, .underscoreEscapingWithoutSuffixes).messages
                == [#"normalization for metric "_." resulted in invalid name "_""#])
        #expect(try name("..", "", .gauge, .noTranslation).name == "..")
        let point = OTLPRequest.point(#""asInt":1"#)
        let both = try OTLPRequest().outcome(
            OTLPRequest.gauge("", point, point), OTLPRequest.gauge("good", point))
        #expect(both.rejectedPoints == 2 && both.lines == [#"{__name__="good"} 1"#])
    }

    @Test(
        "Label names are made as the settings say",
        arguments: [
            ("http.method", true, true, "http_method"), ("9lives", true, true, "key_9lives"),
            ("_private", true, true, "key_private"), ("_private", false, true, "_private"),
            (".hidden", true, true, "key_hidden"), ("a..b", true, true, "a__b"),
            ("a..b", true, false, "a_b"), ("__x", true, true, "__x"),
            ("__x", true, false, "key_x"), ("__a..b__", true, false, "__a_b__"),
            ("a:b", true, true, "a_b"), ("字符x", true, true, "__x"),
        ])
    func labelNames(
        attribute: String, sanitizes: Bool, preserves: Bool, expected: String
    ) throws {
        let request = OTLPRequest {
            $0.settings.configuration.sanitizesLeadingUnderscores = sanitizes
            $0.settings.configuration.preservesMultipleUnderscores = preserves
        }
        let attributes = OTLPRequest.attributes([attribute: "v"])
        let outcome = try request.outcome(
            OTLPRequest.gauge("m", OTLPRequest.point(#""asInt":1,"attributes":[\#(attributes)]"#)))
        #expect(outcome.batch.series.first?.droppingName == Labels([expected: "v"]))
    }

    @Test("Attributes whose names become one are joined, in the order of their names")
    func collisions() throws {
        let attributes = OTLPRequest.attributes(["a_b": "3", "a.b": "2", "a-b": "1", "c": ""])
        let metric = OTLPRequest.gauge(
            "m", OTLPRequest.point(#""asInt":1,"attributes":[\#(attributes)]"#))
        #expect(try OTLPRequest().outcome(metric).lines == [#"{__name__="m", a_b="1;2;3"} 1"#])
        let untranslated = OTLPRequest {
            $0.settings.configuration.translationStrategy = .noTranslation
        }
        #expect(
            try untranslated.outcome(metric).batch.series.first?.droppingName
                == Labels(["a_b": "3", "a.b": "2", "a-b": "1"]))
    }

    @Test("A label name that is nothing but underscores costs its data point, no other")
    func invalidLabelNames() throws {
        let bad = OTLPRequest.attributes(["..": "x"])
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.gauge(
                "m", OTLPRequest.point(#""asInt":1,"attributes":[\#(bad)]"#),
                OTLPRequest.point(#""asInt":2"#)))
        #expect(outcome.rejectedPoints == 1 && outcome.lines == [#"{__name__="m"} 2"#])
        #expect(
            outcome.messages
                == [#"normalization for label name ".." resulted in invalid name "__""#])
    }

    @Test(
        "Values of attributes become text",
        arguments: [
            (#"{"boolValue":true}"#, "true"), (#"{"intValue":"-7"}"#, "-7"),
            (#"{"intValue":8}"#, "8"), (#"{"doubleValue":1}"#, "1"),
            (#"{"doubleValue":0.1}"#, "0.1"), (#"{"doubleValue":1e21}"#, "1e+21"),
            (#"{"doubleValue":1e20}"#, "100000000000000000000"),
            (#"{"doubleValue":2e-7}"#, "2e-7"),
            (#"{"doubleValue":"NaN"}"#, "json: unsupported value: NaN"),
            (#"{"bytesValue":"aGk="}"#, "aGk="),
            (
                #"{"arrayValue":{"values":[{"stringValue":"<a>"},{"intValue":1},{},{"boolValue":false}]}}"#,
                #"["\u003ca\u003e",1,null,false]"#
            ),
            (
                #"{"kvlistValue":{"values":[{"key":"b","value":{"doubleValue":1.5}},{"key":"a","value":{"arrayValue":{}}}]}}"#,
                #"{"a":[],"b":1.5}"#
            ),
        ])
    func values(value: String, expected: String) throws {
        let outcome = try OTLPRequest().outcome(
            OTLPRequest.gauge(
                "m", OTLPRequest.point(#""asInt":1,"attributes":[{"key":"k","value":\#(value)}]"#)))
        #expect(outcome.batch.series.first?.value("k") == expected)
    }
}
