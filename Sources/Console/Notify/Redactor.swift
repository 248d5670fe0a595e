import Foundation
import Model
import Transport

/// Takes secrets out of texts that are shown, in every form in which requests carry them.
struct Redactor: Sendable {
    /// What stands in the place of a secret.
    static let mark = "<secret>"
    /// Anything shorter is no secret, and would take every text apart.
    static let shortestSecret = 3
    /// Headers whose values are never shown.
    private static let hiddenHeaders: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-amz-security-token",
    ]
    /// Members of answers that are secrets by their names: tokens, and Amazon's keys.
    private static let secretMembers = [
        "access_token", "refresh_token", "id_token", "SecretAccessKey", "SessionToken", "Token",
    ]

    private var forms: [String] = []
    /// The beginnings of URLs that are secrets themselves.
    private var origins: [String] = []
    /// Whether a URL is made by a template, so that it is not known before.
    private var hidesURLs = false

    init(_ secrets: [String]) { for secret in secrets { learn(secret) } }

    mutating func learn(_ secret: String) {
        let text = secret.trimmingWhitespace
        guard text.utf8.count >= Redactor.shortestSecret else { return }
        if text.contains("{{") { hidesURLs = true }
        if let origin = Redactor.origin(text) { origins.append(origin) }
        let escaped = String(text.goQuoted.dropFirst().dropLast())
        let encoded = [
            PercentEncoding.component(text), PercentEncoding.path(text),
            PercentEncoding.formValue(text), PercentEncoding.query(text),
        ]
        let all =
            [text, escaped, escaped.replacing("/", with: "\\/")] + encoded
            + [Data(text.utf8).base64EncodedString()]
        // The longest first: one may be a part of another.
        forms = Set(forms + all).sorted { ($1.utf8.count, $1) < ($0.utf8.count, $0) }
    }

    /// Learns the fields of a form that are made for this request alone: a signed assertion is as good as a
    /// secret until it expires.
    mutating func learnForm(of request: HTTPRequest) {
        let isForm = request.headers.contains {
            $0.name.lowercased() == "content-type"
                && $0.value.hasPrefix("application/x-www-form-urlencoded")
        }
        guard isForm, let body = request.body else { return }
        for (name, value) in PercentEncoding.fields(ofForm: String(decoding: body, as: UTF8.self))
        where name == "assertion" { learn(value) }
    }

    /// A text without the secrets.
    func text(_ text: String) -> String {
        var text = text
        for form in forms { text = text.replacing(form, with: Redactor.mark) }
        return text
    }

    /// A URL. Of one that is a secret only the host is shown.
    func url(_ url: String) -> String {
        guard let origin = Redactor.origin(url) else { return Redactor.mark }
        if hidesURLs || origins.contains(where: { $0.bytesEqual(origin) }) {
            return origin + "/" + Redactor.mark
        }
        return text(URLRedaction.redact(url))
    }

    /// A header's value.
    func header(_ name: String, _ value: String) -> String {
        Redactor.hiddenHeaders.contains(name.lowercased()) ? Redactor.mark : text(value)
    }

    /// An answer, from which tokens are learnt.
    mutating func answer(_ text: String) -> String {
        if let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] {
            for name in Redactor.secretMembers {
                if let value = object[name] as? String { learn(value) }
            }
        }
        for name in Redactor.secretMembers {
            for part in text.components(separatedBy: "<\(name)>").dropFirst() {
                if let value = part.components(separatedBy: "</\(name)>").first { learn(value) }
            }
        }
        return self.text(text)
    }

    /// `https://host:port` of a URL, without its user part.
    private static func origin(_ url: String) -> String? { (try? ParsedURL(url))?.origin }
}
