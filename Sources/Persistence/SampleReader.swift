import GRDB
import Model
import Store

/// Reads an axis' frames back into a store.
enum SampleReader {
    /// Frames that are handed over at once.
    private static let batch = 128

    /// A slot's series and the time from which it holds it. Each is a column of its own for the store.
    private struct Tenancy {
        let slot: Int
        let since: Int64
        let labels: Labels
    }

    static func restore(
        _ axis: Int64, _ key: String, into store: Store, since: Int64, _ db: Database,
        _ result: inout SampleRestoration
    ) throws {
        var tenants = Tenants(try tenancies(of: axis, db))
        let start = try SampleSchema.keyFrame(of: axis, upTo: since, db) ?? .min
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT time, is_key, data, sides FROM frames WHERE axis = ? AND time >= ? ORDER BY time
                """, arguments: [axis, start])
        var decoder = ChainDecoder()
        var frames: [RestoredFrame] = []
        var taken = 0
        while let row = try rows.next() {
            guard let time = integer(row, 0), let values = decoder.decode(row),
                let sides = try? SideCodec.decode(
                    bytes(row, 3), at: Timestamp(milliseconds: time))
            else {
                result.damagedFrames += 1
                continue
            }
            if time <= since { continue }
            tenants.advance(to: time)
            frames.append(tenants.frame(at: Timestamp(milliseconds: time), values, sides))
            if frames.count == batch {
                taken += store.restore(key, slots: tenants.labels, frames: frames)
                frames = []
            }
            result.newest = max(result.newest ?? .distantPast, Timestamp(milliseconds: time))
        }
        if !frames.isEmpty {
            taken += store.restore(key, slots: tenants.labels, frames: frames)
        }
        if taken > 0 { result.axes += 1 }
        result.frames += taken
    }

    private static func tenancies(of axis: Int64, _ db: Database) throws -> [Tenancy] {
        try Row.fetchAll(
            db, sql: "SELECT slot, since, labels FROM series WHERE axis = ? ORDER BY slot, since",
            arguments: [axis]
        ).compactMap { row in
            guard let slot = integer(row, 0), let since = integer(row, 1),
                let labels = bytes(row, 2).flatMap({ try? Labels(encoded: $0) }), slot >= 0
            else { return nil }
            return Tenancy(slot: Int(slot), since: since, labels: labels)
        }
    }

    /// The series that each slot holds, followed from frame to frame. Each is a column.
    private struct Tenants {
        let labels: [Labels]
        private let changes: [(since: Int64, slot: Int, column: Int)]
        private var next = 0
        /// The column of each slot, or -1.
        private var columns: [Int] = []

        init(_ tenancies: [Tenancy]) {
            labels = tenancies.map(\.labels)
            changes = tenancies.enumerated().map { ($1.since, $1.slot, $0) }.sorted {
                $0.since < $1.since
            }
        }

        mutating func advance(to time: Int64) {
            while next < changes.count, changes[next].since <= time {
                while columns.count <= changes[next].slot { columns.append(-1) }
                columns[changes[next].slot] = changes[next].column
                next += 1
            }
        }

        private func column(of slot: Int) -> Int? {
            columns.indices.contains(slot) && columns[slot] >= 0 ? columns[slot] : nil
        }

        /// The frame, each value in its series' column.
        func frame(
            at time: Timestamp, _ decoded: DecodedFrame,
            _ sides: (
                histograms: [SlotHistogram], startTimes: [SlotStartTime], ownTimes: [SlotTime]
            )
        ) -> RestoredFrame {
            var (slots, values) = (decoded.slots, decoded.values)
            if let known = slots {
                let found = zip(known, values).compactMap { slot, value in
                    column(of: slot).map { ($0, value) }
                }
                (slots, values) = (found.map(\.0), found.map(\.1))
            } else {
                var all = [Double](repeating: SampleValue.stale, count: labels.count)
                for (slot, value) in values.enumerated() {
                    if let column = column(of: slot) { all[column] = value }
                }
                values = all
            }
            return RestoredFrame(
                timestamp: time, slots: slots, values: values, isPartial: slots != nil,
                histograms: sides.histograms.compactMap { item in
                    column(of: item.slot).map {
                        SlotHistogram(slot: $0, histogram: item.histogram)
                    }
                },
                startTimes: sides.startTimes.compactMap { item in
                    column(of: item.slot).map { SlotStartTime(slot: $0, start: item.start) }
                },
                ownTimes: sides.ownTimes.compactMap { item in
                    column(of: item.slot).map { SlotTime(slot: $0, time: item.time) }
                })
        }
    }

    /// The values of a frame, of all slots where it names none.
    private struct DecodedFrame {
        let slots: [Int]?
        let values: [Double]
    }

    /// Follows a chain; after a frame that cannot be read, the rest of its chain cannot either.
    private struct ChainDecoder {
        private var previous: [Double]?

        mutating func decode(_ row: Row) -> DecodedFrame? {
            let form = FrameForm(rawValue: Int(integer(row, 1) ?? 0))
            if form.contains(.key) { previous = [] }
            guard let data = bytes(row, 2), var before = previous else { return nil }
            previous = nil
            if form.contains(.partial) {
                guard let read = try? FrameCodec.decode(data, after: &before) else { return nil }
                previous = before
                return DecodedFrame(slots: read.slots, values: read.values)
            }
            previous = try? FrameCodec.decode(data, after: before)
            return previous.map { DecodedFrame(slots: nil, values: $0) }
        }
    }
}
