import Configuration
import Model
import Scrape

/// What only shows when targets are built: addresses and labels that make no target, target files that
/// cannot be read, and certificates and secrets that are not there.
struct TargetCheck {
    let configuration: TocsinConfiguration
    let files: FileAccess

    var problems: [Problem] {
        let jobs = configuration.scrapeConfigurations.flatMap { job in
            staticTargets(of: job) + fileTargets(of: job)
                + missingFiles(of: job.client, job.place, "scrape_configs: \(job.jobName)")
        }
        let place = SourcePlace(file: configuration.path)
        return jobs
            + configuration.alertmanagers.enumerated().flatMap { index, alertmanager in
                let path = "alerting.alertmanagers[\(index)]"
                return alertmanager.discoveries.files.flatMap { groups($0, place, path).problems }
                    + missingFiles(of: alertmanager.client, place, path)
            }
    }

    private func staticTargets(of job: ScrapeConfiguration) -> [Problem] {
        let groups = job.discoveries.staticTargets.map { DiscoveredGroup($0) }
        return failures(of: job, groups, at: job.place)
    }

    private func fileTargets(of job: ScrapeConfiguration) -> [Problem] {
        job.discoveries.files.flatMap { discovery in
            let (found, problems) = groups(
                discovery, job.place, "scrape_configs: \(job.jobName)")
            return problems
                + found.flatMap { file, groups in
                    failures(
                        of: job, groups.map { DiscoveredGroup($0, file: file) },
                        at: SourcePlace(file: file))
                }
        }
    }

    private func failures(
        of job: ScrapeConfiguration, _ groups: [DiscoveredGroup], at place: SourcePlace
    ) -> [Problem] {
        TargetBuilder(job).build(groups).failures.map {
            Problem(at: place, path: "scrape_configs: \(job.jobName)", $0, check: "scrape/target")
        }
    }

    /// The groups of target files, and what is wrong with the files.
    private func groups(
        _ discovery: FileDiscovery, _ place: SourcePlace, _ path: String
    ) -> (groups: [(file: String, groups: [TargetGroup])], problems: [Problem]) {
        var groups: [(file: String, groups: [TargetGroup])] = []
        var problems: [Problem] = []
        for pattern in discovery.files {
            let paths = files.glob(pattern)
            if paths.isEmpty {
                problems.append(
                    Problem(
                        .warning, at: place, path: path,
                        "no file matches \(pattern.goQuoted) of file_sd_configs",
                        check: "scrape/no-target-file"))
            }
            for file in paths {
                do {
                    let result = TargetGroup.load(text: try files.read(file), path: file)
                    problems += result.problems
                    groups.append((file, result.value ?? []))
                } catch {
                    problems.append(Problem(at: place, path: path, "\(file): \(error)"))
                }
            }
        }
        return (groups, problems)
    }

    private func missingFiles(
        of client: HTTPClientConfiguration, _ place: SourcePlace, _ path: String
    ) -> [Problem] {
        client.secrets.compactMap(\.filePath).compactMap { file in
            do {
                _ = try files.read(file)
                return nil
            } catch {
                return Problem(
                    at: place, path: path, "\(file): \(error)", check: "scrape/missing-file")
            }
        }
    }
}
