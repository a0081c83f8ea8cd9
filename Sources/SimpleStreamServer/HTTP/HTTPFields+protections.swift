import HTTPTypes

extension HTTPFields {
    /// Adds what every response says to a browser, whoever answers.
    ///
    /// - Parameter isSecure: whether browsers are to come by TLS only.
    mutating func addProtections(isSecure: Bool) {
        self[.xContentTypeOptions] = "nosniff"
        self[.referrerPolicy] = "no-referrer"
        self[.xFrameOptions] = "DENY"
        self[.permissionsPolicy] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        if isSecure { self[.strictTransportSecurity] = "max-age=31536000" }
        self[.crossOriginResourcePolicy] = "same-origin"
        if self[.contentSecurityPolicy] == nil { self[.contentSecurityPolicy] = Self.nothingAllowed }
    }

    /// For responses that are no pages of ours, should a browser show them as one.
    private static let nothingAllowed = "default-src 'none'; frame-ancestors 'none'; sandbox"
}

extension HTTPField.Name {
    static let referrerPolicy = parsed("Referrer-Policy")
    static let xFrameOptions = parsed("X-Frame-Options")
    static let permissionsPolicy = parsed("Permissions-Policy")
    static let crossOriginResourcePolicy = parsed("Cross-Origin-Resource-Policy")
}
