import Check
import Configuration
import Model
import Scrape
import Transport

/// A scrape as people read it.
struct ScrapeText: CustomStringConvertible {
    private let probe: ScrapeProbe
    private let job: ScrapeConfiguration
    private let inspection: ScrapeInspection
    private let readers: SeriesReaders?
    /// How many series of a kind are shown; 0 for all.
    private let shown: Int

    init(
        _ probe: ScrapeProbe, _ job: ScrapeConfiguration, _ inspection: ScrapeInspection,
        _ readers: SeriesReaders?, shown: Int
    ) {
        self.probe = probe
        self.job = job
        self.inspection = inspection
        self.readers = readers
        self.shown = shown
    }

    var description: String {
        (exchange + [""] + samples + relabelling + [""] + limits + rules).joined(separator: "\n")
    }

    private var exchange: [String] {
        var lines = ["GET \(URLRedaction.redact(probe.target.url))"]
        lines += probe.request.headers.map { "> \($0.name): \($0.value)" }
        if let response = probe.response {
            lines.append("< \(response.status) \(response.reason)")
            lines += response.shownHeaders.map { "< \($0.name): \($0.value)" }
        }
        return lines
    }

    private var samples: [String] {
        let report = inspection.report
        var lines = ["target:   \(probe.target.labels)"]
        if let error = report.error { lines.append("error:    \(error)") }
        if let format = inspection.format { lines.append("format:   \(format)") }
        if let response = probe.response {
            lines.append(
                "size:     \(ByteCount(response.body.count)), "
                    + "\(ByteCount(response.transferredBytes)) transferred")
        }
        lines.append("duration: \(GoFloat.fixed((probe.duration * 1000).rounded() / 1000)) s")
        lines.append(
            "samples:  \(report.scraped) scraped, \(report.added) after relabelling, "
                + "\(report.seriesAdded) series")
        for (count, what) in [
            (report.duplicates, "of a series that had one already"),
            (report.outOfOrder, "out of order"), (report.outOfBounds, "too far in the future"),
        ] where count > 0 {
            lines.append("dropped:  \(count) \(what)")
        }
        return lines
    }

    // MARK: Relabelling

    private var relabelling: [String] {
        if job.metricRelabeling.isEmpty { return [] }
        let steps = inspection.relabelled.flatMap(\.steps)
        var lines = ["", "metric_relabel_configs:"]
        for (index, rule) in job.metricRelabeling.enumerated() {
            let own = steps.filter { $0.rule == index }
            let dropped = own.count { $0.labels == nil }
            lines.append(
                "  [\(index)] \(rule.summary): \(own.count - dropped) changed, \(dropped) dropped")
        }
        lines += list(inspection.relabelled) { series in
            ["  \(series.labels.metricDescription)"]
                + series.steps.map { step in
                    "    [\(step.rule)] "
                        + (step.labels.map { "-> \($0.metricDescription)" } ?? "drops it")
                }
        }
        return lines
    }

    /// The lines of the first elements, and how many more there are.
    private func list<Element>(
        _ all: [Element], _ lines: (Element) -> [String]
    ) -> [String] {
        let first = shown > 0 ? all.prefix(shown) : all[...]
        let rest = all.count - first.count
        return first.flatMap(lines) + (rest > 0 ? ["  … and \(rest) more (--limit 0)"] : [])
    }

    // MARK: Limits and rules

    private var limits: [String] {
        ["limits:"]
            + inspection.limits.map { limit in
                let shown = { (number: Int) in
                    limit.name == "body_size_limit" ? "\(ByteCount(number))" : "\(number)"
                }
                let most =
                    limit.limit.map {
                        "of \(shown($0))" + (limit.isConfigured ? "" : " (default)")
                    } ?? "(no limit)"
                return "  \(limit.name): \(shown(limit.reached)) \(most)"
            }
    }

    private var rules: [String] {
        guard let readers else { return [] }
        var lines = ["", "rules that read it:"]
        if readers.readers.isEmpty { lines.append("  none") }
        for reader in readers.readers {
            let count = reader.series.count == 1 ? "1 series" : "\(reader.series.count) series"
            lines.append("  \(reader.file) \(reader.group)/\(reader.rule): \(count)")
            lines += list(reader.series) { ["    \($0.metricDescription)"] }
        }
        lines.append("series that no rule reads: \(readers.unread.count)")
        return lines
    }
}

extension RelabelRule {
    /// The rule in a few words.
    fileprivate var summary: String {
        var parts = [action.rawValue]
        if !sourceLabels.isEmpty { parts.append("[" + sourceLabels.joined(separator: ", ") + "]") }
        parts.append(regexText.goQuoted)
        if !targetLabel.isEmpty { parts.append("-> " + targetLabel) }
        return parts.joined(separator: " ")
    }
}
