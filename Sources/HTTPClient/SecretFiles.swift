import Configuration
import Model
import Transport

/// Reveals secrets at the moment of use.
public struct SecretFiles: Sendable {
    /// A secret's file that cannot be read, or does not hold what it should.
    public struct Missing: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    private let files: FileAccess?

    /// Secrets of these files.
    public init(_ files: FileAccess) { self.files = files }

    private init() { files = nil }

    /// Shows `<secret>` for every secret: for messages that are looked at and not sent.
    public static let hidden = SecretFiles()

    /// The secret's text.
    public func reveal(_ secret: Secret) throws(Missing) -> String {
        guard let files else { return secret.description }
        return try secret.reveal { path throws(Missing) in
            do throws(FileAccess.ReadError) {
                return String(decoding: try files.read(path), as: UTF8.self)
            } catch {
                throw Missing(description: "unable to read secret file \(path): \(error)")
            }
        }
    }

    /// The text of a secret that is a URL, which is parsed where it stands in a file: what stands in the
    /// configuration was parsed with it.
    public func revealURL(_ secret: Secret) throws(Missing) -> String {
        let text = try reveal(secret)
        if let path = secret.filePath, files != nil,
            let problem = URLCheck.problem(ofSecret: text)
        {
            throw Missing(description: "the secret file \(path): \(problem)")
        }
        return text
    }

    func reveal(_ secret: Secret?) throws(Missing) -> String? {
        guard let secret else { return nil }
        return try reveal(secret)
    }

    /// Why one of `secrets` cannot be had, or nil. Those of `urls` must be URLs.
    public func problem(_ secrets: [Secret], urls: [Secret] = []) -> String? {
        for secret in secrets {
            do throws(Missing) {
                let isURL = urls.contains(secret)
                if try isURL ? revealURL(secret).isEmpty : reveal(secret).isEmpty,
                    let file = secret.filePath
                {
                    return "the secret file \(file) is empty"
                }
            } catch {
                return error.description
            }
        }
        return nil
    }

    /// Runs what reveals `secrets`: on a thread of its own where one of them is in a file.
    func whileRevealing<R: Sendable>(
        _ secrets: [Secret], _ body: @escaping @Sendable () throws(Missing) -> R
    ) async throws(Missing) -> R {
        let isInMemory = files == nil || secrets.allSatisfy { $0.filePath == nil }
        return try isInMemory ? body() : await FileQueue.apart(body)
    }

    /// The request with what `client` wants of it.
    func applying(
        _ client: HTTPClientConfiguration, to request: HTTPRequest
    ) async throws(Missing) -> HTTPRequest {
        try await whileRevealing(client.secrets) { () throws(Missing) in
            var request = request
            try request.apply(client, self)
            return request
        }
    }
}
