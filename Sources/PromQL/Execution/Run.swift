import Model
import Store

/// One evaluation of a plan: what it may see, the points it has, and what it found on the way.
///
/// An instant query is a run of one step, a range query a run of many.
final class Run {
    /// What of the store the run sees.
    let pin: Pin
    /// How far an instant selector looks back.
    let lookback: Milliseconds
    /// The first evaluation time, `start()`.
    let start: Int64
    /// The last one, `end()`.
    let end: Int64
    /// Tells the runs of one plan apart.
    let id: Int
    /// Whether functions of counters go by start timestamps.
    let usesStartTimes: Bool
    /// Whether samples that are read are counted.
    var countsSamples: Bool
    /// What the run may still take.
    var memory: MemoryAccount
    private var released: [SubqueryWindows] = []
    /// How often a shared node had its result already.
    var reuses = 0
    /// The samples held now.
    private(set) var samples = 0
    /// What was read and held so far.
    private(set) var counts = SampleCounts()
    private var totalBefore = 0
    private let maximumSamples: Int
    private let deadline: ContinuousClock.Instant?
    private var stepsToClock = 0
    private(set) var annotations: [Annotation] = []
    private var known: Set<Annotation> = []
    private(set) var monotonicityFixes: [Annotation: MonotonicityFixes] = [:]

    init(
        pin: Pin, lookback: Milliseconds, start: Int64, end: Int64, id: Int, maximumSamples: Int,
        deadline: ContinuousClock.Instant?, usesStartTimes: Bool, memory: MemoryReservation,
        countsSamples: Bool = false
    ) {
        self.memory = MemoryAccount(memory)
        self.countsSamples = countsSamples
        self.usesStartTimes = usesStartTimes
        self.pin = pin
        self.lookback = lookback
        self.start = start
        self.end = end
        self.id = id
        self.maximumSamples = maximumSamples
        self.deadline = deadline
    }

    /// Notes a remark, once.
    func annotate(_ annotation: Annotation) {
        if known.contains(annotation) { return }
        // What there is no memory for is left out: what comes next fails for want of it.
        let bytes = 2 * MemoryLayout<Annotation>.stride + annotation.message.utf8.count
        do throws(QueryError) { try memory.take(bytes) } catch { return }
        known.insert(annotation)
        annotations.append(annotation)
    }

    func annotate(_ annotation: Annotation, _ fixes: MonotonicityFixes) {
        if monotonicityFixes[annotation]?.merge(fixes) == nil {
            monotonicityFixes[annotation] = fixes
        }
        annotate(annotation)
    }

    /// Accounts for samples that are held from now on.
    func hold(_ count: Int) throws(QueryError) {
        samples += count
        if samples > counts.peak { counts.peak = samples }
        if samples > maximumSamples { throw .tooManySamples }
    }

    /// Has these let go of their samples when the run ends.
    func releaseAtEnd(_ windows: SubqueryWindows) { released.append(windows) }

    /// Lets go of what only the run needs.
    func finish() {
        for windows in released { windows.release() }
        released = []
    }

    /// Counts what was read since the last step as the step's at `time`.
    func endStep(at time: Timestamp) {
        if !countsSamples { return }
        counts.steps.append(SampleCounts.Step(time: time, count: counts.total - totalBefore))
        totalBefore = counts.total
    }

    /// Counts samples that are read.
    func read(_ count: Int) {
        if countsSamples { counts.total += count }
    }

    /// Accounts for samples that are held no more.
    func drop(_ count: Int) { samples -= count }

    /// Throws where the time is up, or the task that asked is cancelled. Looks only now and then.
    func checkTime() throws(QueryError) {
        guard let deadline else { return }
        if stepsToClock > 0 {
            stepsToClock -= 1
            return
        }
        stepsToClock = 16
        if Task.isCancelled {
            throw QueryError(.canceled, "query was canceled in expression evaluation")
        }
        if ContinuousClock.now > deadline {
            throw QueryError(.timeout, "query timed out in expression evaluation")
        }
    }

    /// The annotations in words.
    func texts(_ kind: Annotation.Kind, query: String) -> [String] {
        annotations.filter { $0.kind == kind }.map { annotation in
            guard let fixes = monotonicityFixes[annotation], !query.isEmpty else {
                return annotation.text(query: query)
            }
            var worded = annotation
            worded.message += fixes.text
            return worded.text(query: query)
        }
    }
}
