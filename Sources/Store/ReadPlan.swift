import Model

/// How a selection's entries are read: axis by axis and chunk by chunk where a series lies in one
/// place, one by one where it lies in several.
struct ReadPlans {
    /// The entries of one axis.
    struct AxisPlan {
        let axis: Axis
        private var entries: [(entry: Int, segment: Segment)] = []
        private(set) var chunks: [ChunkPlan] = []
        private var planOf: [Int32: Int] = [:]
        /// How many entries are in `chunks`, or have no place.
        private var followed = 0
        private var unplaced = 0
        private var layoutVersion: UInt64?
        private var placements: UInt64 = 0

        init(_ axis: Axis) { self.axis = axis }

        mutating func add(_ entry: Int, _ segment: Segment) { entries.append((entry, segment)) }
    }

    /// The entries of one chunk.
    struct ChunkPlan {
        let chunk: Int
        private(set) var lanes: [Int] = []
        private(set) var entries: [Int] = []

        /// The lanes from the first to the last that are read.
        private(set) var span = 0..<0
        /// Whether so many of these are read that going over all of them is cheaper.
        private(set) var isDense = false

        mutating func add(lane: Int, entry: Int) {
            span =
                lanes.isEmpty
                ? lane..<lane + 1
                : min(span.lowerBound, lane)..<max(span.upperBound, lane + 1)
            lanes.append(lane)
            entries.append(entry)
            isDense = lanes.count * 4 >= span.count
        }
    }

    var axes: [AxisPlan] = []
    private(set) var merged: [Int] = []
    private var planOf: [Int: Int] = [:]
    /// How many entries are planned.
    private var planned = 0

    /// Forgets everything: entries may lie elsewhere.
    mutating func invalidate() { self = ReadPlans() }

    /// Plans the entries that came since.
    mutating func prepare(_ segments: [[Segment]]) {
        while planned < segments.count {
            let list = segments[planned]
            if list.count == 1, let segment = list.first {
                let plan = planOf[segment.axis.id] ?? axes.count
                if plan == axes.count {
                    axes.append(AxisPlan(segment.axis))
                    planOf[segment.axis.id] = plan
                }
                axes[plan].add(planned, segment)
            } else {
                merged.append(planned)
            }
            planned += 1
        }
    }
}

extension ReadPlans.AxisPlan {
    /// Follows the axis' layout, with the axis locked; true where what was read before may lie
    /// elsewhere now. New entries cost what they are, not what there is.
    mutating func follow(_ columns: borrowing AxisColumns) -> Bool {
        let hasMoved =
            layoutVersion != columns.layoutVersion
            || unplaced > 0 && placements != columns.placements
        if hasMoved {
            layoutVersion = columns.layoutVersion
            placements = columns.placements
            chunks = []
            planOf = [:]
            (followed, unplaced) = (0, 0)
        }
        while followed < entries.count {
            let (entry, segment) = entries[followed]
            followed += 1
            guard columns.holds(segment.slot, generation: segment.generation) else {
                unplaced += 1
                continue
            }
            let place = columns.slots[segment.slot]
            let plan = planOf[place.chunk] ?? chunks.count
            if plan == chunks.count {
                chunks.append(ReadPlans.ChunkPlan(chunk: Int(place.chunk)))
                planOf[place.chunk] = plan
            }
            chunks[plan].add(lane: Int(place.lane), entry: entry)
        }
        return hasMoved
    }
}
