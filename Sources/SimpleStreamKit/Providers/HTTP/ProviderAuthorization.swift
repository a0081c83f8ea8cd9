/// How a provider wants its key.
public struct ProviderAuthorization: Sendable, Hashable {
    /// The header the key goes in; nil when there is no key.
    let header: String?
    /// What stands before the key.
    let prefix: String
    /// Whether nothing can be asked without a key.
    let isRequired: Bool

    /// `Authorization: Bearer`.
    public static let bearer = ProviderAuthorization(header: "authorization", prefix: "Bearer ", isRequired: true)
    /// `Authorization: Bearer` when there is a key.
    public static let optionalBearer = ProviderAuthorization(
        header: "authorization", prefix: "Bearer ", isRequired: false)
    /// No key at all.
    public static let none = ProviderAuthorization(header: nil, prefix: "", isRequired: false)

    /// The bare key in a header, such as `x-api-key`.
    public static func header(_ name: String, isRequired: Bool = true) -> ProviderAuthorization {
        ProviderAuthorization(header: name, prefix: "", isRequired: isRequired)
    }
}
