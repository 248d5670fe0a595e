import Synchronization

/// One target's exposition: text that is made once, whose numbers are written over at every scrape.
///
/// Every number is as wide as it ever gets, so that nothing moves: counters begin at 1,000,000,000.
public final class FleetTarget: Sendable {
    private struct Field {
        var offset: Int
        var rate: UInt64
        var base: UInt64
        var isGauge: Bool
        /// Where its time stands, and how old that is; 0 where it has none.
        var timeOffset = 0
        var age: UInt64 = 0
    }

    private struct State {
        var body: [UInt8]
        var fields: [Field]
        var scrapes: UInt64 = 0
    }

    private let state: Mutex<State>
    /// How many series there are.
    public let seriesCount: Int

    /// The target of this number.
    public init(_ shape: FleetShape, number: Int) {
        var body: [UInt8] = []
        var fields: [Field] = []
        for metric in shape.metrics(of: number) {
            body += Array("# TYPE \(metric.name) \(metric.type)\n".utf8)
            for series in metric.series {
                body += Array(series.text.utf8)
                fields.append(
                    Field(
                        offset: body.count, rate: series.rate ?? 0, base: series.base,
                        isGauge: series.rate == nil))
                body += Array("\(series.base)".utf8)
                if shape.seriesPerTime > 0 {
                    fields[fields.count - 1].timeOffset = body.count + 1
                    let group = UInt64((fields.count - 1) / shape.seriesPerTime)
                    fields[fields.count - 1].age = 1 + group * 7919 % 10_000
                    body += Array(" 1000000000000".utf8)
                }
                body.append(UInt8(ascii: "\n"))
            }
        }
        seriesCount = fields.count
        state = Mutex(State(body: body, fields: fields))
    }

    /// The exposition `elapsed` milliseconds after the fleet started, at a time in milliseconds since 1970.
    public func exposition(after elapsed: UInt64, at now: UInt64) -> [UInt8] {
        state.withLock { state in
            state.scrapes += 1
            let scrapes = state.scrapes
            for index in state.fields.indices {
                let field = state.fields[index]
                if field.isGauge {
                    let value = 1000 + (UInt64(index) * 7919 + scrapes * 101) % 8999
                    FleetTarget.write(value, width: 4, at: field.offset, into: &state.body)
                } else {
                    let value = field.base + elapsed * field.rate / 1_000_000
                    FleetTarget.write(
                        min(value, 9_999_999_999), width: 10, at: field.offset, into: &state.body)
                }
                if field.timeOffset > 0 {
                    FleetTarget.write(
                        now - field.age, width: 13, at: field.timeOffset, into: &state.body)
                }
            }
            return state.body
        }
    }

    @inline(__always)
    private static func write(
        _ value: UInt64, width: Int, at offset: Int, into body: inout [UInt8]
    ) {
        var rest = value
        for place in stride(from: offset + width - 1, through: offset, by: -1) {
            body[place] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
