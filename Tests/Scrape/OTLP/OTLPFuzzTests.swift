import Foundation
import Model
import Scrape
import Store
import SwiftProtobuf
import TestSupport
import Testing
import WireFormats

/// Requests of random content that protobuf can hold, of few names, and with numbers at the bounds.
private struct RandomOTLP {
    var random: SeededRandom

    mutating func request() -> OTLPExportRequest {
        .with { request in
            request.resourceMetrics = list(3) { random in
                .with {
                    $0.resource.attributes = random.attributes()
                    $0.scopeMetrics = random.list(3) { random in
                        .with {
                            $0.scope.name = random.name()
                            $0.scope.attributes = random.attributes()
                            $0.metrics = random.list(4) { $0.metric() }
                        }
                    }
                }
            }
        }
    }

    private mutating func list<T>(_ most: Int, _ make: (inout RandomOTLP) -> T) -> [T] {
        (0..<random.below(most + 1)).map { _ in make(&self) }
    }

    private mutating func name() -> String {
        random.pick([
            "", "_", "..", "a", "a.b", "a_b", "1x", "é", "__name__", "job", "service.name",
        ])
    }

    private mutating func attributes() -> [OTLPKeyValue] {
        list(4) { random in
            .with {
                $0.key = random.name()
                $0.value = random.value(depth: 3)
            }
        }
    }

    private mutating func value(depth: Int) -> OTLPAnyValue {
        .with { value in
            switch random.below(depth > 0 ? 8 : 6) {
            case 0: value.stringValue = name()
            case 1: value.intValue = Int64(truncatingIfNeeded: random.next())
            case 2: value.doubleValue = double()
            case 3: value.boolValue = random.chance(50)
            case 4: value.bytesValue = Data([random.byte()])
            case 5: break
            case 6: value.arrayValue.values = list(3) { $0.value(depth: depth - 1) }
            default:
                value.kvlistValue.values = list(3) { random in
                    .with {
                        $0.key = random.name()
                        $0.value = random.value(depth: depth - 1)
                    }
                }
            }
        }
    }

    private mutating func double() -> Double {
        random.chance(50)
            ? Double(bitPattern: random.next()) : random.pick([0, 1, -1, .nan, .infinity, 1e300])
    }

    private mutating func whole() -> UInt64 {
        random.chance(50) ? UInt64(random.below(4)) : random.pick([.max, 1 << 63, 1_000_000_000])
    }

    private mutating func scale() -> Int32 {
        random.pick([-5, -4, 0, 8, 9, 20, .max, .min])
    }

    private mutating func exemplars() -> [OTLPExemplar] {
        list(2) { random in
            .with {
                $0.asDouble = random.double()
                $0.timeUnixNano = random.whole()
                $0.traceID = Data(
                    (0..<random.random.pick([0, 1, 16])).map { _ in random.random.byte() })
                $0.filteredAttributes = random.attributes()
            }
        }
    }

    private mutating func metric() -> OTLPMetric {
        let temporality: OTLPTemporality = random.pick([
            .aggregationTemporalityDelta, .aggregationTemporalityDelta,
            .aggregationTemporalityCumulative, .UNRECOGNIZED(9),
        ])
        return .with { metric in
            metric.name = name()
            metric.unit = random.pick(["", "1", "s", "By/s", "/", "{x}/%", "_/_"])
            switch random.below(6) {
            case 0: metric.gauge.dataPoints = list(3) { $0.number() }
            case 1:
                metric.sum.aggregationTemporality = temporality
                metric.sum.isMonotonic = random.chance(50)
                metric.sum.dataPoints = list(3) { $0.number() }
            case 2:
                metric.histogram.aggregationTemporality = temporality
                metric.histogram.dataPoints = list(3) { $0.histogram() }
            case 3:
                metric.exponentialHistogram.aggregationTemporality = temporality
                metric.exponentialHistogram.dataPoints = list(3) { $0.exponential() }
            case 4: metric.summary.dataPoints = list(3) { $0.summary() }
            default: break
            }
        }
    }

    private mutating func number() -> OTLPNumberPoint {
        .with {
            $0.timeUnixNano = whole()
            $0.startTimeUnixNano = whole()
            $0.asDouble = double()
            $0.flags = UInt32(random.below(3))
            $0.attributes = attributes()
            $0.exemplars = exemplars()
        }
    }

    private mutating func histogram() -> OTLPHistogramPoint {
        .with {
            $0.timeUnixNano = whole()
            $0.startTimeUnixNano = whole()
            $0.bucketCounts = list(4) { $0.whole() }
            $0.explicitBounds = list(4) { $0.double() }
            $0.count = $0.bucketCounts.reduce(0, &+)
            $0.sum = double()
            $0.attributes = attributes()
            $0.exemplars = exemplars()
        }
    }

    private mutating func exponential() -> OTLPExponentialPoint {
        .with {
            $0.timeUnixNano = whole()
            $0.startTimeUnixNano = whole()
            $0.scale = scale()
            $0.zeroCount = whole()
            for side in [\OTLPExponentialPoint.positive, \.negative] {
                $0[keyPath: side].offset = random.pick([0, -1, 7, .max, .max - 2, .min])
                $0[keyPath: side].bucketCounts = list(4) { $0.whole() }
            }
            $0.count = ($0.positive.bucketCounts + $0.negative.bucketCounts)
                .reduce($0.zeroCount, &+)
            $0.sum = double()
            $0.attributes = attributes()
        }
    }

    private mutating func summary() -> OTLPSummaryPoint {
        .with {
            $0.timeUnixNano = whole()
            $0.count = whole()
            $0.quantileValues = list(3) { random in
                .with {
                    $0.quantile = random.double()
                    $0.value = random.double()
                }
            }
            $0.attributes = attributes()
        }
    }
}

@Suite("OTLP: anything that is sent")
struct OTLPFuzzTests {
    /// All ways to translate.
    private static let settings: [OTLPSettings] = [
        OTLPSettings.Deltas.refused, .native, .accumulated,
    ]
    .flatMap { deltas in
        [true, false].map { isOn in
            var settings = OTLPSettings()
            settings.deltas = deltas
            settings.addsTypeAndUnitLabels = isOn
            settings.configuration.convertsHistogramsToNHCB = isOn
            settings.configuration.promotesScopeMetadata = isOn
            settings.configuration.promotion = isOn ? .allExcept([]) : .only(["a"])
            settings.configuration.translationStrategy =
                isOn ? .noUTF8EscapingWithSuffixes : .underscoreEscapingWithSuffixes
            return settings
        }
    }

    @discardableResult
    private static func check(
        _ body: OTLPBody, _ settings: OTLPSettings, _ sums: inout OTLPDeltaSums
    ) -> OTLPOutcome {
        let outcome = OTLPTranslator(settings).translate(
            body, sums: &sums, at: Timestamp(milliseconds: 0))
        let batch = outcome.batch
        #expect(Set(batch.series).count == batch.series.count)
        for sample in batch.samples {
            #expect(batch.series.indices.contains(sample.series))
            #expect(sample.histogram.map { (try? $0.validate()) != nil } != false)
            #expect(!SampleValue.isHistogram(sample.value))
        }
        #expect(batch.series.allSatisfy { !$0.metricName.isEmpty })
        #expect(batch.exemplars.allSatisfy { batch.series.indices.contains($0.series) })
        return outcome
    }

    @Test(
        "1000 requests of random content give valid samples or faults, the same in both encodings")
    func requests() throws {
        var random = RandomOTLP(random: SeededRandom(seed: 1))
        var sums = OTLPDeltaSums(maximumSeries: 50)
        var others = sums
        var samples = 0
        for number in 0..<1000 {
            let request = random.request()
            let settings = Self.settings[number % Self.settings.count]
            let protobuf = try OTLPBody(
                request.serializedBytes(), contentType: "application/x-protobuf")
            let expected = Self.check(protobuf, settings, &sums)
            // Bytes that are no ID in hexadecimal are Base64 here, and read all the same.
            let json = try OTLPBody(
                request.jsonUTF8Bytes(), contentType: "application/json")
            let outcome = Self.check(json, settings, &others)
            #expect(outcome.lines == expected.lines && outcome.messages == expected.messages)
            #expect(outcome.rejectedPoints == expected.rejectedPoints)
            #expect(sums.count <= 50)
            samples += outcome.batch.samples.count
        }
        #expect(samples > 2000)
    }

    @Test("6000 requests with bytes changed are read or refused")
    func bytes() throws {
        var random = SeededRandom(seed: 2)
        var source = RandomOTLP(random: SeededRandom(seed: 3))
        var sums = OTLPDeltaSums()
        var read = 0
        for number in 0..<6000 {
            let isJSON = number % 2 == 0
            let request = source.request()
            var bytes: [UInt8] =
                isJSON ? try request.jsonUTF8Bytes() : try request.serializedBytes()
            for _ in 0...random.below(3) where !bytes.isEmpty {
                bytes[random.below(bytes.count)] = random.byte()
            }
            if random.chance(10) { bytes.removeLast(random.below(bytes.count + 1)) }
            let type = isJSON ? "application/json" : "application/x-protobuf"
            guard let body = try? OTLPBody(bytes, contentType: type) else { continue }
            read += 1
            Self.check(body, Self.settings[number % Self.settings.count], &sums)
        }
        #expect(read > 1000)
    }
}
