import Configuration
import Foundation
import Model
import Transport

/// An entry of `kuma_sd_configs`: targets are the data planes that Kuma's control plane assigns.
struct KumaTargetSource: TargetSource {
    static let mechanism = KumaDiscovery.mechanism

    private static let type = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment"
    /// How much longer a request may take than the server may wait.
    private static let timeForConnection = Milliseconds.seconds(15)

    let settings: KumaDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        await environment.poll(
            every: settings.refreshInterval, from: Known(), pausingFromStart: true
        ) { known, _ in
            await look(api, known)
        } found: { known in
            yield(known.update)
        }
    }

    /// What the server need not tell again.
    private struct Known {
        var version = ""
        var nonce = ""
        var update = SourceUpdate(groups: nil)
    }

    private func look(_ api: APIClient, _ last: Known) async -> Known {
        var known = last
        do throws(APIError) {
            let request = request(last)
            let response = try await api.send(request)
            if response.status == 304 {
                known.update = SourceUpdate(groups: nil)
                return known
            }
            return try APIClient.parse(
                try APIClient.require(response, of: request), of: request, answer)
        } catch {
            known.update = .failure(error.description)
            return known
        }
    }

    private func request(_ known: Known) -> HTTPRequest {
        let url = try? ParsedURL(settings.server)
        var request = HTTPRequest(
            method: "POST",
            url: url?.appending(
                path: "v3/discovery:monitoringassignments",
                query: [("fetch-timeout", settings.fetchTimeout.description)])
                ?? settings.server)
        request.headers = [
            .init("Accept", "application/json"), .init("Content-Type", "application/json"),
        ]
        let id = settings.clientID.isEmpty ? ProcessInfo.processInfo.hostName : settings.clientID
        let fields = [
            ("version_info", known.version), ("response_nonce", known.nonce),
            ("type_url", KumaTargetSource.type),
        ].filter { !$0.1.isEmpty }.map { "\"\($0.0)\":\($0.1.jsonQuoted)" }
        request.body = Array(
            "{\"node\":{\"id\":\(id.jsonQuoted)},\(fields.joined(separator: ","))}".utf8)
        request.timeout = (settings.fetchTimeout + KumaTargetSource.timeForConnection).duration
        return request
    }

    private func answer(_ root: JSONNode) throws(JSONError) -> Known {
        let type = try root.string(either: "typeUrl", "type_url")
        guard type == KumaTargetSource.type else {
            throw JSONError("typeUrl: unknown type \(type.goQuoted)", at: root.offset)
        }
        let targets = try root.list("resources").map(targets)
        let group = DiscoveredGroup(place: "Kuma", targets: targets.flatMap(\.self))
        return Known(
            version: try root.string(either: "versionInfo", "version_info"),
            nonce: try root.string("nonce"), update: SourceUpdate(groups: [group]))
    }

    private func targets(_ assignment: JSONNode) throws(JSONError) -> [Labels] {
        let type = try assignment.string("@type")
        guard type == KumaTargetSource.type else {
            throw JSONError("@type: unknown type \(type.goQuoted)", at: assignment.offset)
        }
        let prefix = "__meta_kuma_"
        var common: [Label] = []
        common.append(prefix: prefix + "label_", each: try assignment.textMap("labels"))
        common.append(prefix + "mesh", try assignment.string("mesh"))
        common.append(prefix + "service", try assignment.string("service"))
        return try assignment.list("targets").map { (target) throws(JSONError) in
            var labels: [Label] = []
            labels.append(prefix: prefix + "label_", each: try target.textMap("labels"))
            // Those of the assignment win.
            labels += common
            let name = try target.string("name")
            labels.append(prefix + "dataplane", name)
            labels.append("instance", name)
            labels.append("__address__", try target.string("address"))
            labels.append("__scheme__", try target.string("scheme"))
            let path = try target.string(either: "metricsPath", "metrics_path")
            labels.append("__metrics_path__", path)
            return Labels(labels)
        }
    }
}

extension JSONNode {
    /// A field that Protobuf's JSON may name in either way.
    fileprivate func string(either a: String, _ b: String) throws(JSONError) -> String {
        let text = try string(a)
        return text.isEmpty ? try string(b) : text
    }
}
