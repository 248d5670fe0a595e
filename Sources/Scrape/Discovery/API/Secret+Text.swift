import Configuration
import HTTPClient
import Model

extension Secret {
    /// The text, for a request of discovery.
    func text() async throws(APIError) -> String {
        try await FileQueue.apart { () throws(APIError) -> String in
            do throws(SecretFiles.Missing) {
                return try SecretFiles(.system).reveal(self)
            } catch {
                throw APIError(error.description)
            }
        }
    }
}
