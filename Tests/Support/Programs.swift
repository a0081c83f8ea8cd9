import Foundation

/// Programs of the system that tests start.
package enum Programs {
    /// Whether all of them are there; where all services must be, their absence is a failure and not a reason to skip.
    package static func areAvailable(_ names: String...) -> Bool {
        ProcessInfo.processInfo.environment["CI"] == "true" || names.allSatisfy { path(of: $0) != nil }
    }

    /// Where a program is; nil when there is none of that name.
    package static func path(of name: String) -> String? {
        let directories: [Substring] = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return (directories + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}
