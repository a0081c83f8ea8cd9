import SimpleStreamRedis

/// Where Redis is, read from `REDIS_URL` and what goes with it.
package enum RedisSettings {
    /// The variables that are read.
    package static let variables = ["REDIS_URL", "REDIS_TLS_CA", "REDIS_TLS_CERT", "REDIS_TLS_KEY"]

    /// Nil without `REDIS_URL`: then everything stays in this process.
    static func configuration(_ variables: Variables) throws(ConfigurationError) -> RedisConfiguration? {
        guard let url = variables["REDIS_URL"] else {
            if let stray = Self.variables.first(where: { variables[$0] != nil }) {
                throw ConfigurationError(stray, "it is set and REDIS_URL is not", accepted: "both or none")
            }
            return nil
        }
        let files = Self.variables.dropFirst().map { variables[$0] }
        do throws(RedisConfiguration.Problem) {
            let tls =
                files.contains { $0 != nil }
                ? try RedisTLS(caFile: files[0], certificateFile: files[1], keyFile: files[2]) : nil
            return try RedisConfiguration(url: url, tls: tls)
        } catch {
            let names = [
                "url": "REDIS_URL", "caFile": "REDIS_TLS_CA", "certificateFile": "REDIS_TLS_CERT",
                "keyFile": "REDIS_TLS_KEY",
            ]
            throw ConfigurationError(names[error.property] ?? error.property, error.problem, accepted: error.accepted)
        }
    }
}
