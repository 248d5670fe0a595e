import Hummingbird
import Model

/// The pages for people: what a link in a message opens.
///
/// Every page is the same document, which its scripts fill by path from the APIs. All addresses in it are
/// relative, so that it works under a proxy's prefix too.
struct Pages: Sendable {
    /// Alertmanager's page, and Prometheus's under the names that its templates link to.
    static let paths = [
        "/", "/alerts", "/graph", "/query", "/rules", "/service-discovery", "/targets",
    ]

    /// Scripts and styles come from here alone, texts never become markup, nobody frames us.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    /// A file as it is sent.
    private struct Asset {
        let bytes: [UInt8]
        let type: String
        let tag: String

        init(_ bytes: [UInt8], _ type: String) {
            self.bytes = bytes
            self.type = type
            var hash = FNV1a()
            for byte in bytes { hash.combine(byte: byte) }
            // A weak tag: compressed or not, it is the same text.
            tag = "W/\"" + String(hash.value, radix: 16) + "\""
        }

        static func script(_ bytes: [UInt8]) -> Asset {
            Asset(bytes, "text/javascript; charset=utf-8")
        }
    }

    private static let page = Asset(PackageResources.page_html, "text/html; charset=utf-8")

    private static let assets = [
        "alertmanager.js": Asset.script(PackageResources.alertmanager_js),
        "alerts.js": Asset.script(PackageResources.alerts_js),
        "api.js": Asset.script(PackageResources.api_js),
        "discovery.js": Asset.script(PackageResources.discovery_js),
        "dom.js": Asset.script(PackageResources.dom_js),
        "graph.js": Asset.script(PackageResources.graph_js),
        "icon.svg": Asset(PackageResources.icon_svg, "image/svg+xml"),
        "main.js": Asset.script(PackageResources.main_js),
        "parts.js": Asset.script(PackageResources.parts_js),
        "prometheus.js": Asset.script(PackageResources.prometheus_js),
        "query.js": Asset.script(PackageResources.query_js),
        "silence-form.js": Asset.script(PackageResources.silence_form_js),
        "silences.js": Asset.script(PackageResources.silences_js),
        "status.js": Asset.script(PackageResources.status_js),
        "style.css": Asset(PackageResources.style_css, "text/css; charset=utf-8"),
        "text.js": Asset.script(PackageResources.text_js),
    ]

    func page(_ request: Request) -> Response {
        // Relative addresses need the path without a slash at its end.
        let path = request.uri.path
        if path != "/", path.hasSuffix("/"), let name = path.split(separator: "/").last {
            let query = request.uri.query.map { "?" + $0 } ?? ""
            return Response(
                status: .permanentRedirect, headers: [.location: "../\(name)" + query])
        }
        return Pages.answer(request, Pages.page)
    }

    func asset(_ name: String, _ request: Request) throws -> Response {
        guard let asset = Pages.assets[name] else { throw HTTPError(.notFound) }
        return Pages.answer(request, asset)
    }

    private static func answer(_ request: Request, _ asset: Asset) -> Response {
        // Kept, but asked for again each time: another version of us may have other scripts.
        let headers: HTTPFields = [
            .cacheControl: "no-cache", .eTag: asset.tag, .contentType: asset.type,
            .contentSecurityPolicy: contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        let known = request.headers[.ifNoneMatch] ?? ""
        if known.split(separator: ",").contains(where: { $0.drop { $0 == " " } == asset.tag }) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(
            status: .ok, headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
