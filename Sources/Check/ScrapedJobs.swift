import Configuration
import Model
import PromQL
import Rules

extension CheckContext {
    /// What a configuration tells the checks of rules; without one, they know nothing of jobs.
    /// `features` are what the command line enables.
    init(
        _ configuration: TocsinConfiguration?, features: [String], rules: [RuleFile],
        sources: [String: [UInt8]], files: FileAccess
    ) {
        self.init(sources: sources, parser: ParserOptions(features: features))
        guard let configuration else { return }
        interval = configuration.global.evaluationInterval
        parser = ParserOptions(features: configuration.tocsin.enabledFeatures)
        for scrape in configuration.scrapeConfigurations {
            scrapeIntervals[scrape.jobName] = scrape.scrapeInterval
        }
        guard var known = configuration.scrapedJobs(files) else { return }
        for file in rules {
            for group in file.groups {
                for rule in group.rules {
                    guard let made = rule.jobs(of: group, parser) else { return }
                    known.formUnion(made)
                }
            }
        }
        jobs = known
    }
}

extension TocsinConfiguration {
    /// Every value that scraping gives the label `job`; nil where only a scrape can tell.
    fileprivate func scrapedJobs(_ files: FileAccess) -> Set<String>? {
        if scrapeConfigurations.isEmpty { return nil }
        var jobs: Set<String> = []
        for scrape in scrapeConfigurations {
            let relabeling = scrape.relabeling + scrape.metricRelabeling
            if scrape.honorLabels || relabeling.contains(where: \.maySetJob) { return nil }
            jobs.insert(scrape.jobName)
            guard let discovered = scrape.discoveredGroups(files) else { return nil }
            let groups = scrape.discoveries.staticTargets + discovered
            for labels in groups.map(\.labels) + scrape.discoveries.textfiles.map(\.labels) {
                if let job = labels["job"] { jobs.insert(job) }
            }
        }
        return jobs
    }
}

extension RelabelRule {
    fileprivate var maySetJob: Bool {
        switch action {
        case .replace, .hashmod, .lowercase, .uppercase:
            targetLabel == "job" || targetLabel.contains("$")
        // What a map of discovered labels brings is theirs to say.
        case .labelmap: replacement == "job" || replacement.contains("job$")
        case .keep, .drop, .labeldrop, .labelkeep, .keepEqual, .dropEqual: false
        }
    }
}

extension ScrapeConfiguration {
    /// The groups that its target files hold now; nil where one of them cannot be read, and where groups
    /// come from elsewhere.
    fileprivate func discoveredGroups(_ files: FileAccess) -> [TargetGroup]? {
        // The other discoveries bring labels that begin with `__meta_`.
        guard discoveries.http.isEmpty else { return nil }
        var groups: [TargetGroup] = []
        for pattern in discoveries.files.flatMap(\.files) {
            let paths = files.glob(pattern)
            if paths.isEmpty { return nil }
            for path in paths {
                guard let bytes = try? files.read(path),
                    let found = TargetGroup.load(text: bytes, path: path).value
                else { return nil }
                groups += found
            }
        }
        return groups
    }
}

extension RuleConfiguration {
    /// The values that the rule gives the label `job`; nil where only running it can tell.
    fileprivate func jobs(
        of group: RuleGroupConfiguration, _ options: ParserOptions
    ) -> [String]? {
        var jobs: [String] = []
        if let value = labels.first(where: { $0.name == "job" })?.value.value {
            // An alert's labels are templates.
            if value.contains("{{") { return nil }
            jobs.append(value)
        } else if let value = group.labels["job"] {
            jobs.append(value)
        }
        let makers = ["label_replace", "label_join", "count_values"]
        guard makers.contains(where: expr.value.contains),
            let expr = try? Parser.parse(expr.value, options: options)
        else { return jobs }
        guard let made = expr.madeJobs else { return nil }
        return jobs + made
    }
}

extension Expr {
    /// The values that its functions give the label `job`; nil where they are computed.
    fileprivate var madeJobs: [String]? {
        var jobs: [String]? = []
        forEach { expr, _ in
            switch expr.kind {
            case .call(let call) where ["label_replace", "label_join"].contains(call.function.name):
                guard call.arguments.count > 2, call.arguments[1].text == "job" else { return }
                let value = call.function.name == "label_replace" ? call.arguments[2].text : nil
                if let value, !value.contains("$") {
                    jobs?.append(value)
                } else {
                    jobs = nil
                }
            case .aggregate(let aggregate) where aggregate.op == .countValues:
                if aggregate.parameter?.text == "job" { jobs = nil }
            default: break
            }
        }
        return jobs
    }

    private var text: String? {
        if case .string(let text) = unparenthesised.kind { text } else { nil }
    }
}
