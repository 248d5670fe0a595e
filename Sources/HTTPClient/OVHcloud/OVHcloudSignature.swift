import Crypto
import Foundation
import Model
import Transport

/// Whom OVHcloud knows a request's sender as.
public struct OVHcloudCredentials: Hashable, Sendable {
    private let application: String
    private let secret: String
    private let consumer: String

    /// The key and secret of an application, and the key of who uses it.
    public init(application: String, secret: String, consumer: String) {
        self.application = application
        self.secret = secret
        self.consumer = consumer
    }

    fileprivate func headers(
        _ request: HTTPRequest, _ seconds: Int64
    ) -> [HTTPRequest.Header] {
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        let text = [secret, consumer, request.method, request.url, body, "\(seconds)"]
            .joined(separator: "+")
        let digest = Insecure.SHA1.hash(data: Data(text.utf8))
        return [
            .init("X-Ovh-Application", application), .init("X-Ovh-Consumer", consumer),
            .init("X-Ovh-Timestamp", "\(seconds)"),
            .init("X-Ovh-Signature", "$1$" + AWSSignature.hexadecimal(digest)),
        ]
    }
}

extension HTTPRequest {
    /// Signs the request, at a time in seconds by OVHcloud's own clock.
    public mutating func sign(as credentials: OVHcloudCredentials, at seconds: Int64) {
        headers += credentials.headers(self, seconds)
    }
}
