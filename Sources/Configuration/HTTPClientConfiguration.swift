import Model

/// How to speak HTTP to someone: `http_config`, and the same keys inline in a scrape config.
public struct HTTPClientConfiguration: Sendable, Hashable {
    /// `basic_auth`.
    public var basicAuth: BasicAuth?
    /// `authorization`; `bearer_token` and `bearer_token_file` end up here too.
    public var authorization: Authorization?
    /// `oauth2`.
    public var oauth2: OAuth2?
    /// `tls_config`.
    public var tls = TLSConfiguration()
    /// `proxy_url`, which may hold a password.
    public var proxyURL: Secret?
    /// `no_proxy`: names, addresses and networks, separated by commas.
    public var noProxy = ""
    /// `proxy_from_environment`.
    public var proxyFromEnvironment = false
    /// `proxy_connect_header`.
    public var proxyConnectHeaders: [HTTPHeader] = []
    /// `follow_redirects`.
    public var followRedirects = true
    /// `enable_http2`.
    public var enableHTTP2 = true
    /// `http_headers`.
    public var headers: [HTTPHeader] = []

    /// The defaults.
    public init() {}
}

/// `basic_auth`.
public struct BasicAuth: Sendable, Hashable {
    /// `username` or `username_file`.
    public var username: Secret
    /// `password` or `password_file`; nil: an empty one.
    public var password: Secret?

    /// Credentials.
    public init(username: Secret, password: Secret? = nil) {
        self.username = username
        self.password = password
    }
}

/// `authorization`: the header `Authorization: TYPE CREDENTIALS`.
public struct Authorization: Sendable, Hashable {
    /// `type`.
    public var type: String
    /// `credentials` or `credentials_file`.
    public var credentials: Secret?

    /// Credentials.
    public init(type: String = "Bearer", credentials: Secret? = nil) {
        self.type = type
        self.credentials = credentials
    }
}

/// `oauth2`: a token is asked for, and goes with every request.
public struct OAuth2: Sendable, Hashable {
    /// `client_id`.
    public var clientID: String
    /// `client_secret` or its file; nil: an empty one.
    public var clientSecret: Secret?
    /// `token_url`.
    public var tokenURL: String
    /// `scopes`.
    public var scopes: [String] = []
    /// `endpoint_params`: what the request for a token says beside, sorted by name.
    public var parameters: [NamedText] = []
    /// What proves who the client is with `grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer`;
    /// nil: its secret.
    public var assertion: SignedAssertion?
    /// `tls_config` of the request for a token.
    public var tls = TLSConfiguration()
    /// `proxy_url` of the request for a token.
    public var proxyURL: Secret?
    /// `no_proxy`.
    public var noProxy = ""
    /// `proxy_from_environment`.
    public var proxyFromEnvironment = false
    /// `proxy_connect_header`.
    public var proxyConnectHeaders: [HTTPHeader] = []

    /// What the client proves who it is with: its key, or its secret.
    public var credential: Secret? { assertion.map(\.key) ?? clientSecret }

    /// A client of a token's issuer.
    public init(clientID: String, clientSecret: Secret? = nil, tokenURL: String) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.tokenURL = tokenURL
    }
}

/// A JSON Web Token that the client signs (RFC 7523), instead of a secret.
public struct SignedAssertion: Sendable, Hashable {
    /// How it is signed.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case rs256 = "RS256"
        case rs384 = "RS384"
        case rs512 = "RS512"
    }

    /// The `grant_type` that asks for it.
    public static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    /// `client_certificate_key` or its file: an RSA key as PEM.
    public var key: Secret
    /// `client_certificate_key_id`; "": the token does not name its key.
    public var keyID = ""
    /// `signature_algorithm`.
    public var algorithm = Algorithm.rs256
    /// `iss`; "": `client_id`.
    public var issuer = ""
    /// `audience`; "": `token_url`.
    public var audience = ""
    /// `claims`: what it says beside, or instead.
    public var claims: [YAMLValue.Entry] = []

    /// A token signed with a key.
    public init(key: Secret) { self.key = key }
}

/// A header with one or more values; secret ones last.
public struct HTTPHeader: Sendable, Hashable {
    /// The name.
    public var name: String
    /// `values`, then `secrets`, then `files`.
    public var values: [Secret]

    /// A header.
    public init(_ name: String, _ values: [Secret]) {
        self.name = name
        self.values = values
    }
}

/// `tls_config`.
public struct TLSConfiguration: Sendable, Hashable {
    /// A version of TLS.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        case tls10 = "TLS10"
        case tls11 = "TLS11"
        case tls12 = "TLS12"
        case tls13 = "TLS13"
    }

    /// `ca` or `ca_file`: PEM of who may have signed the other side's certificate.
    public var ca: Secret?
    /// `cert` or `cert_file`: PEM of our own certificate.
    public var certificate: Secret?
    /// `key` or `key_file`: PEM of its key.
    public var key: Secret?
    /// `server_name`: the name the other side's certificate must have; nil: the host's.
    public var serverName: String?
    /// `insecure_skip_verify`.
    public var insecureSkipVerify = false
    /// `min_version`.
    public var minimumVersion: Version?
    /// `max_version`.
    public var maximumVersion: Version?

    /// The defaults.
    public init() {}
}
