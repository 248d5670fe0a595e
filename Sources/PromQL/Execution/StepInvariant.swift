import Model

/// A node whose value does not depend on the evaluation time: evaluated once per run.
final class StepInvariant: OperatorOutput, Operator {
    /// What is evaluated.
    let input: any Operator
    private var follower = SeriesFollower()
    private var seenRun = -1
    /// The samples that its evaluation read, which count at every step.
    private var samples = 0

    init(_ input: any Operator) { self.input = input }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        if seenRun == run.id {
            run.read(samples)
            return
        }
        let before = run.counts.total
        try input.step(at: time, run)
        samples = run.counts.total - before
        let change = follower.change(to: input.version)
        if change != .none {
            try takeSeries(input.labels, dropsName: input.dropsName, change, run)
            follower.follow(input.version)
        }
        values = input.values
        histograms = input.histograms
        hasHistograms = input.hasHistograms
        order = input.order
        seenRun = run.id
    }
}

/// Removes the names that were marked for removal, at the root of a plan.
final class DelayedNameRemoval: Relabelling, Operator {
    func activeTimes(_ run: Run) -> ActiveTimes { input.activeTimes(run) }

    override func output(
        _ labels: Labels, dropsName: Bool, _ run: Run
    ) -> (Labels, Bool) {
        (dropsName ? NameRemoval.final(labels) : labels, false)
    }

    func evaluate(at time: Int64, _ run: Run) throws(QueryError) {
        try stepInput(at: time, run)
        try fillUnchanged()
    }
}
