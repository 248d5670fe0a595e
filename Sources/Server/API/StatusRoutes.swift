import Configuration
import Daemon
import Foundation
import Model
import PromQL
import Setup
import Store

/// What the status pages tell of.
struct StatusSource: Sendable {
    let runtime: @Sendable () -> Runtime
    let load: @Sendable () -> ConfigurationLoad
    /// What a reload does not change.
    let inForce: RestartSettings
    let started: Timestamp
    let clock: any PipelineClock
    /// The URLs of Alertmanagers that are sent alerts, and of those that relabelling dropped.
    var alertmanagers: @Sendable () async -> (active: [String], dropped: [String]) = { ([], []) }
}

/// `/api/v1/status/*`, `alertmanagers` and `notifications`.
struct StatusRoutes: Sendable {
    let service: QueryService
    let source: StatusSource
    let history: HistoryProgress

    /// The largest `limit` of `status/tsdb`.
    static let maximumStatistics = 10_000

    /// The configuration as it was loaded. What of it waits for a restart is named beside Prometheus's
    /// only member.
    func configuration(_ parameters: Parameters) -> [UInt8] {
        let runtime = source.runtime()
        let waiting = source.inForce.waiting(runtime.restartSettings)
        return APIEnvelope.success { json in
            json.object { json in
                json.member("yaml", runtime.documents.shownConfiguration)
                if waiting.isEmpty { return }
                json.key("restartRequired")
                json.array { json in
                    for setting in waiting {
                        json.object { json in
                            json.member("setting", setting.name)
                            json.member("running", setting.running)
                            json.member("configured", setting.configured)
                        }
                    }
                }
            }
        }
    }

    func build(_ parameters: Parameters) -> [UInt8] {
        APIEnvelope.success { json in
            json.object { json in
                json.member("version", BuildInformation.prometheusVersion)
                json.member("revision", "tocsin-" + BuildInformation.version)
                json.member("branch", "")
                json.member("buildUser", "")
                json.member("buildDate", "")
                json.member("goVersion", "")
                json.member("application", "Tocsin")
            }
        }
    }

    func runtime(_ parameters: Parameters) -> [UInt8] {
        let load = source.load()
        let storage = source.runtime().settings.storage
        return APIEnvelope.success { json in
            json.object { json in
                json.member("startTime", source.started.description)
                json.member("CWD", FileAccess.system.workingDirectory)
                json.member("hostname", ProcessInfo.processInfo.hostName)
                json.member("serverTime", source.clock.now.description)
                json.key("reloadConfigSuccess")
                json.bool(load.succeeded)
                json.member("lastConfigTime", RuleRoutes.moment(load.lastSuccess))
                json.key("corruptionCount")
                json.integer(0)
                json.key("goroutineCount")
                json.integer(0)
                json.key("GOMAXPROCS")
                json.integer(ProcessInfo.processInfo.activeProcessorCount)
                json.key("GOMEMLIMIT")
                json.integer(Int64.max)
                json.member("GOGC", "")
                json.member("GODEBUG", "")
                json.member("storageRetention", storage.retention.description)
            }
        }
    }

    /// The settings that are flags of Prometheus, under its names.
    func flags(_ parameters: Parameters) -> [UInt8] {
        let runtime = source.runtime()
        let (configuration, settings) = (runtime.configuration, runtime.settings)
        let engine = service.engine.options
        let flags: [String: String] = [
            "config.file": configuration.path,
            "enable-feature": settings.enabledFeatures.joined(separator: ","),
            "query.lookback-delta": engine.lookback.description,
            "query.max-concurrency": String(service.maximumConcurrency),
            "query.max-memory": ByteCount(engine.memory.total).description,
            "query.max-memory-per-query": ByteCount(engine.memory.perQuery).description,
            "query.max-points": String(engine.maximumPoints),
            "query.max-samples": String(engine.maximumSamples),
            "query.timeout": engine.timeout.description,
            "rules.alert.for-grace-period": settings.rules.gracePeriod.description,
            "rules.alert.for-outage-tolerance": settings.rules.outageTolerance.description,
            "rules.alert.resend-delay": settings.rules.resendDelay.description,
            "storage.path": source.inForce.storagePath,
            "web.cors.origin": settings.web.corsOrigin,
            "web.enable-lifecycle": String(settings.web.enableLifecycle),
            "web.enable-otlp-receiver": String(settings.push.takesOTLP),
            "web.enable-remote-write-receiver": String(settings.push.takesRemoteWrite),
            "web.external-url": runtime.externalURL,
            "web.listen-address": source.inForce.listenAddress,
        ]
        return APIEnvelope.success { json in
            json.object { json in
                for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
                    json.member(name, value)
                }
            }
        }
    }

    func store(_ parameters: Parameters) async throws -> [UInt8] {
        var limit = 10
        if let text = parameters["limit"], !text.isEmpty {
            guard let number = Int(text), number > 0 else {
                throw APIError(.badData, "limit must be a positive number")
            }
            let maximum = StatusRoutes.maximumStatistics
            if number > maximum {
                throw APIError(.badData, "limit must not be greater than \(maximum)")
            }
            limit = number
        }
        let (store, count) = (service.engine.store, limit)
        return try await service.work {
            let cardinality = store.cardinality(limit: count)
            let series = store.seriesCount
            return APIEnvelope.success { json in
                json.object { json in
                    json.key("headStats")
                    json.object { json in
                        for (name, value) in [
                            ("numSeries", Int64(series)),
                            ("numLabelPairs", Int64(cardinality.labelPairs)), ("chunkCount", 0),
                            ("minTime", cardinality.times?.lowerBound.milliseconds ?? .max),
                            ("maxTime", cardinality.times?.upperBound.milliseconds ?? .min),
                        ] {
                            json.key(name)
                            json.integer(value)
                        }
                    }
                    for (name, list) in [
                        ("seriesCountByMetricName", cardinality.seriesByMetric),
                        ("labelValueCountByLabelName", cardinality.valuesByLabel),
                        ("memoryInBytesByLabelName", cardinality.bytesByLabel),
                        ("seriesCountByLabelValuePair", cardinality.seriesByPair),
                    ] {
                        json.key(name)
                        json.counts(list)
                    }
                }
            }
        }
    }

    /// How far history is read, as Prometheus tells of its log: of targets and rules instead of segments.
    func replay(_ parameters: Parameters) -> [UInt8] {
        let state = history.state
        return APIEnvelope.success { json in
            json.object { json in
                for (name, value) in [("min", 0), ("max", state.total), ("current", state.read)] {
                    json.key(name)
                    json.integer(value)
                }
            }
        }
    }

    /// Those beside our own routing.
    func alertmanagers(_ parameters: Parameters) async -> [UInt8] {
        let (active, dropped) = await source.alertmanagers()
        return APIEnvelope.success { json in
            json.object { json in
                for (name, urls) in [
                    ("activeAlertmanagers", active), ("droppedAlertmanagers", dropped),
                ] {
                    json.key(name)
                    json.array { json in
                        for url in urls { json.object { $0.member("url", url) } }
                    }
                }
            }
        }
    }

    func notifications(_ parameters: Parameters) -> [UInt8] {
        APIEnvelope.success { $0.array { _ in } }
    }
}

extension JSONWriter {
    fileprivate mutating func counts(_ list: [StoreCardinality.Count]) {
        array { json in
            for count in list {
                json.object { json in
                    json.member("name", count.name)
                    json.key("value")
                    json.integer(count.value)
                }
            }
        }
    }
}
