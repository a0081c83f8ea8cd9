#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How many files and sockets the process may have open.
enum OpenFiles {
    /// What shells and service managers usually give, and what a few thousand clients use up.
    static let few = 4096

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(truncatingIfNeeded: RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif

    /// Raises the limit as far as the process may.
    ///
    /// - Returns: the limit that holds then; nil when the system does not say.
    @discardableResult
    static func raiseLimit() -> UInt64? {
        var limits = rlimit()
        guard unsafe getrlimit(resource, &limits) == 0 else { return nil }
        let before = limits.rlim_cur
        limits.rlim_cur = most(limits.rlim_max)
        guard limits.rlim_cur > before, unsafe setrlimit(resource, &limits) == 0 else { return UInt64(before) }
        return UInt64(limits.rlim_cur)
    }

    private static func most(_ hard: rlim_t) -> rlim_t {
        #if canImport(Darwin)
        // The hard limit says "infinity" there, and more than this is not taken.
        min(hard, rlim_t(OPEN_MAX))
        #else
        hard
        #endif
    }
}
