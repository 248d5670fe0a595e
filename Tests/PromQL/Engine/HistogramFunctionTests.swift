import Model
import PromQL
import TestSupport
import Testing

@Suite struct HistogramFunctionTests {
    // MARK: Numbers of histograms

    @Test func fields() throws {
        let series = try HistogramSeries().add(
            "h{l=\"x\"} {{count:4 sum:10 buckets:[0 2 2]}}x10", "h{l=\"y\"} 5x10")
        #expect(series.instant("histogram_count(h)") == ["{l=\"x\"} 4"])
        #expect(series.instant("histogram_sum(h)") == ["{l=\"x\"} 10"])
        #expect(series.instant("histogram_avg(h)") == ["{l=\"x\"} 2.5"])
        // Two observations at √2 and two at √8.
        let (low, high) = (Double(2).squareRoot() - 2.5, Double(8).squareRoot() - 2.5)
        let variance = (low * low + high * high) / 2
        let answer = try #require(series.instant("histogram_stdvar(h)").first)
        let value = try #require(Double(answer.dropFirst("{l=\"x\"} ".count)))
        #expect((value - variance).magnitude < 1e-12)
    }

    @Test func elementwiseFunctionsLeaveHistogramsOut() throws {
        let series = try HistogramSeries().add("h {{count:4}}x10", "n -1x10")
        #expect(series.instant("abs({__name__=~\"h|n\"})") == ["{} 1"])
        #expect(series.instant("clamp({__name__=~\"h|n\"}, 0, 1)") == ["{} 0"])
        #expect(series.instant("sort({__name__=~\"h|n\"})") == ["n -1"])
        #expect(series.instant("vector(scalar({__name__=~\"h|n\"}))") == ["{} -1"])
        #expect(series.instant("absent(h)") == [])
        #expect(series.instant("timestamp(h)") == ["{} 600"])
        #expect(
            series.instant("label_replace(h, \"a\", \"b\", \"\", \"\")")
                == ["h{a=\"b\"} {{count:4 counter_reset_hint:not_reset}}"])
    }

    @Test func quantiles() throws {
        let series = try HistogramSeries().add("h {{count:4 sum:10 buckets:[0 2 2]}}x10")
        #expect(series.instant("histogram_quantile(0.5, h)") == ["{} 2"])
        #expect(series.instant("histogram_quantile(1, h)") == ["{} 4"])
        #expect(series.instant("histogram_quantile(-1, h)").first == "{} -Inf")
        #expect(series.instant("histogram_fraction(2, 4, h)") == ["{} 0.5"])
        #expect(series.instant("histogram_fraction(-Inf, Inf, h)") == ["{} 1"])
        #expect(
            series.instant("histogram_quantiles(h, \"q\", 0.5, 1)")
                == ["{q=\"0.5\"} 2", "{q=\"1.0\"} 4"])
    }

    @Test func quantilesOfNegativeAndZeroBuckets() throws {
        let series = try HistogramSeries().add(
            "h {{count:6 sum:0 z_bucket:2 z_bucket_w:0.5 buckets:[0 2] n_buckets:[0 2]}}x10")
        #expect(series.instant("histogram_quantile(0, h)") == ["{} -2"])
        #expect(series.instant("histogram_quantile(0.5, h)") == ["{} 0"])
        #expect(series.instant("histogram_fraction(0, Inf, h)") == ["{} 0.5"])
    }

    @Test func quantilesOfHistogramsWithNaN() throws {
        let series = try HistogramSeries().add("h {{count:4 sum:NaN buckets:[0 2]}}x10")
        let text = "PromQL info: input to histogram_quantile has NaN observations, result is "
        #expect(
            series.instant("histogram_quantile(0.9, h)") == [
                "{} NaN", text + "NaN for metric name \"h\"",
            ])
        #expect(
            series.instant("histogram_quantile(0.5, h)") == [
                "{} 2", text + "skewed higher for metric name \"h\"",
            ])
        #expect(
            series.instant("histogram_fraction(1, 2, h)") == [
                "{} 0.5",
                "PromQL info: input to histogram_fraction has NaN observations, which are excluded "
                    + "from all fractions for metric name \"h\"",
            ])
    }

    @Test func classicAndNativeBesideEachOther() throws {
        let series = try HistogramSeries().add(
            "h{l=\"x\"} {{count:2 buckets:[0 2]}}x10", "h{l=\"x\",le=\"1\"} 1x10",
            "h{l=\"x\",le=\"+Inf\"} 2x10", "h{l=\"y\",le=\"1\"} 1x10",
            "h{l=\"y\",le=\"+Inf\"} 1x10",
            "h{l=\"z\"} {{count:2 buckets:[0 2]}}x10")
        #expect(
            series.instant("histogram_quantile(1, h)") == [
                "{l=\"y\"} 1", "{l=\"z\"} 2",
                "PromQL warning: vector contains a mix of classic and native histograms for metric "
                    + "name \"h\"",
            ])
    }

    // MARK: Windows

    @Test func mixedWindows() throws {
        let series = try HistogramSeries().add("m 1 2 {{count:3}} 4 {{count:5}}")
        let mixed =
            "PromQL warning: encountered a mix of histograms and floats for metric name \"m\""
        let ignored =
            "PromQL info: ignored histograms in a range containing both floats and histograms for "
            + "metric name \"m\""
        for function in ["rate", "increase", "delta", "sum_over_time", "avg_over_time", "irate"] {
            #expect(series.instant("\(function)(m[5m])", minute: 4).last == mixed, "\(function)")
        }
        #expect(series.instant("max_over_time(m[5m])", minute: 4) == ["{} 4", ignored])
        #expect(series.instant("quantile_over_time(0, m[5m])", minute: 4) == ["{} 1", ignored])
        #expect(series.instant("deriv(m[5m])", minute: 4).last == ignored)
        #expect(series.instant("max_over_time(m[1m])", minute: 4) == [])
        #expect(series.instant("count_over_time(m[5m])", minute: 4) == ["{} 5"])
        #expect(series.instant("changes(m[5m])", minute: 4) == ["{} 4"])
        #expect(series.instant("resets(m[5m])", minute: 4) == ["{} 3"])
        #expect(series.instant("last_over_time(m[5m])", minute: 4) == ["m {{count:5}}"])
        #expect(series.instant("first_over_time(m[5m])", minute: 4) == ["m 1"])
        #expect(series.instant("present_over_time(m[1m])", minute: 4) == ["{} 1"])
        #expect(series.instant("absent_over_time(m[1m])", minute: 4) == [])
        #expect(series.instant("ts_of_last_over_time(m[5m])", minute: 4) == ["{} 240"])
    }

    @Test func ratesOfDifferentResolutions() throws {
        let series = try HistogramSeries().add(
            "h {{schema:1 count:2 sum:2 buckets:[1 1]}} {{schema:0 count:8 sum:8 buckets:[4 4]}}")
        // The bucket that ends at √2 became part of the one that ends at 2.
        #expect(
            series.instant("increase(h[1m1s])", minute: 1)
                == ["{} {{count:6.1 sum:6.1 counter_reset_hint:gauge buckets:[3.05 3.05]}}"])
    }

    @Test func ratesOfGauges() throws {
        let series = try HistogramSeries().add(
            "g {{count:1 counter_reset_hint:gauge}}+{{count:1}}x10", "c {{count:1}}+{{count:1}}x10")
        #expect(
            series.instant("rate(g[5m])").last
                == "PromQL warning: this native histogram metric is not a counter: \"g\"")
        #expect(
            series.instant("delta(c[5m])").last
                == "PromQL warning: this native histogram metric is not a gauge: \"c\"")
        #expect(
            series.instant("delta(g[5m])") == ["{} {{count:5 counter_reset_hint:gauge}}"])
    }

    @Test func customBoundsThatChange() throws {
        let series = try HistogramSeries().add(
            "h {{schema:-53 count:2 custom_values:[1 2] buckets:[1 1]}} "
                + "{{schema:-53 count:6 custom_values:[2] buckets:[5 1]}}")
        #expect(
            series.instant("idelta(h[2m])", minute: 1) == [
                "{} {{schema:-53 count:4 custom_values:[2] counter_reset_hint:gauge buckets:[3 1]}}",
                "PromQL warning: this native histogram metric is not a gauge: \"h\"",
                "PromQL info: mismatched custom buckets were reconciled during subtraction",
            ])
        #expect(
            series.instant("sum_over_time(h[2m])", minute: 1) == [
                "{} {{schema:-53 count:8 custom_values:[2] buckets:[7 1]}}",
                "PromQL info: mismatched custom buckets were reconciled during aggregation",
            ])
        try series.add("e {{schema:-53 count:1 custom_values:[2] buckets:[1]}} {{count:2}}")
        #expect(
            series.instant("sum_over_time(e[2m])", minute: 1) == [
                "PromQL warning: vector contains a mix of histograms with exponential and custom "
                    + "buckets schemas for metric name \"e\""
            ])
    }

    /// The store does not say "reset", reading without buckets does.
    @Test func contradictingHints() throws {
        let series = try HistogramSeries().add(
            "h {{count:5 buckets:[5]}} {{count:6 buckets:[6]}} {{count:1 buckets:[1]}}")
        let text = "PromQL warning: conflicting counter resets during histogram aggregation"
        #expect(series.instant("sum_over_time(h[2m])", minute: 2) == ["{} {{count:7 buckets:[7]}}"])
        #expect(
            series.instant("histogram_count(sum_over_time(h[2m]))", minute: 2) == ["{} 7", text])
        #expect(
            series.instant("histogram_sum(sum_over_time(h[2m:1m]))", minute: 2) == ["{} 0"])
        #expect(
            series.instant(
                "histogram_quantile(1, histogram_count(sum_over_time(h[2m])))", minute: 2
            ).contains(text) == false)
        #expect(series.instant("histogram_count(h)", minute: 2) == ["{} 1"])
    }

    /// Histograms of one bucket are counters twice over: what functions make of their counts is what
    /// they make of numbers, to the bit.
    @Test(
        arguments: [
            "rate", "increase", "irate", "idelta", "delta", "sum_over_time", "avg_over_time",
            "last_over_time", "first_over_time",
        ])
    func countsGoTheWayOfNumbers(function: String) throws {
        var random = SeededRandom(seed: 17)
        var compared = 0
        for _ in 0..<40 {
            let series = HistogramSeries()
            var count = 0.0
            for minute in 0...20 {
                count = random.next() % 6 == 0 ? 1 : count + Double(random.next() % 1000)
                if random.next() % 5 == 0 { continue }
                var histogram = FloatHistogram()
                histogram.count = count
                histogram.positiveSpans = [.init(offset: 0, length: 1)]
                histogram.positiveBuckets = [count]
                let time = TestSeries.minute(minute)
                series.store.append(
                    Labels(["__name__": "h"]), at: time, value: 0, histogram: histogram)
                series.store.append(Labels(["__name__": "n"]), at: time, value: count)
            }
            for minute in [5, 12, 20] {
                let window = ["3m", "6m30s", "15m"][Int(random.next() % 3)]
                let histograms = try series.engine.instant(
                    "histogram_count(\(function)(h[\(window)]))", at: TestSeries.minute(minute))
                let numbers = try series.engine.instant(
                    "\(function)(n[\(window)])", at: TestSeries.minute(minute))
                guard case .vector(let a) = histograms.value, case .vector(let b) = numbers.value
                else {
                    Issue.record("no vectors")
                    continue
                }
                #expect(a.map(\.value) == b.map(\.value))
                compared += a.count
            }
        }
        #expect(compared > 60)
    }

    // MARK: Start timestamps

    @Test func countersThatStartWithinTheWindow() throws {
        let series = try HistogramSeries(usesStartTimes: true)
            .add("n_total _ _ 30 60 90", starts: [nil, nil, 60, 120, 180])
            .add("d _ _ 30 30 30", starts: [nil, nil, 60, 60, 60])
            .add("h _ _ {{count:30}} {{count:30}} {{count:30}}", starts: [nil, nil, 60, 60, 60])
            .add("o 30 60 90", starts: [nil, nil, 90])
        #expect(series.instant("increase(n_total[4m])", minute: 4) == ["{} 90"])
        #expect(series.instant("increase(d[4m])", minute: 4).first == "{} 90")
        #expect(
            series.instant("increase(h[4m])", minute: 4)
                == ["{} {{count:90 counter_reset_hint:gauge}}"])
        #expect(series.instant("resets(d[4m])", minute: 4) == ["{} 2"])
        #expect(series.instant("irate(d[4m])", minute: 4) == ["{} 0.5"])
        #expect(
            series.instant("rate(o[3m])", minute: 2).contains(
                "PromQL warning: sample has start time that overlaps with previous sample timestamp "
                    + "for metric \"o\""))
        let without = try HistogramSeries().add("d _ _ 30 30 30", starts: [nil, nil, 60, 60, 60])
        #expect(without.instant("resets(d[4m])", minute: 4) == ["{} 0"])
    }
}
