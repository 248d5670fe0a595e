import Configuration
import Model
import Transport

/// An entry of `puppetdb_sd_configs`: targets are the nodes of the resources that a query finds.
struct PuppetDBTargetSource: TargetSource {
    static let mechanism = PuppetDBDiscovery.mechanism

    let settings: PuppetDBDiscovery

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        let api = APIClient(settings.client, environment)
        let request = request
        await environment.refresh(
            every: settings.refreshInterval, yield
        ) { () throws(APIError) in
            let response = try await api.get(request)
            try APIClient.requireJSON(response, of: request)
            let targets = try APIClient.parse(response, of: request) { (root) throws(JSONError) in
                try root.elements().map(labels)
            }
            return [DiscoveredGroup(place: URLRedaction.redact(request.url), targets: targets)]
        }
    }

    private var request: HTTPRequest {
        let path = "pdb/query/v4"
        var request = HTTPRequest(
            method: "POST",
            url: (try? ParsedURL(settings.url))?.appending(path: path) ?? settings.url)
        request.headers = [
            .init("Accept", "application/json"), .init("Content-Type", "application/json"),
        ]
        request.body = Array("{\"query\":\(settings.query.jsonQuoted)}".utf8)
        request.timeout = settings.refreshInterval.duration
        return request
    }

    private func labels(_ resource: JSONNode) throws(JSONError) -> Labels {
        let prefix = "__meta_puppetdb_"
        let certname = try resource.string("certname")
        var labels = [
            Label("__address__", .address(certname, settings.port)),
            Label(prefix + "query", settings.query), Label(prefix + "certname", certname),
            Label(prefix + "exported", "\(try resource.bool("exported"))"),
        ]
        for name in ["resource", "type", "title", "file", "environment"] {
            labels.append(prefix + name, try resource.string(name))
        }
        labels.append(prefix + "tags", try resource.strings("tags"))
        let parameters = try resource.map("parameters")
        if settings.includesParameters {
            labels += PuppetDBParameters.labels(parameters, prefix: prefix + "parameter_")
        }
        return Labels(labels)
    }
}

/// A resource's parameters as labels.
private enum PuppetDBParameters {
    static func labels(_ parameters: [JSONNode.Member], prefix: String) -> [Label] {
        parameters.flatMap { parameter in
            let name = prefix + parameter.name.sanitizedLabelName
            switch parameter.value.content {
            case .object(let members): return labels(members, prefix: name + "_")
            case .array(let values):
                // As in Prometheus, a list or an object in a list is empty.
                return [Label(name, values.map { text($0) ?? "" }.joined(separator: ","))]
            default: return text(parameter.value).map { [Label(name, $0)] } ?? []
            }
        }
    }

    private static func text(_ value: JSONNode) -> String? {
        switch value.content {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .number(let text): Double(text).map { GoFloat.general($0) }
        case .null, .array, .object: nil
        }
    }
}
