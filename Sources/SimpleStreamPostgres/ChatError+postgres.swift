import SimpleStreamKit

extension ChatError {
    /// What a database call threw, in our words.
    ///
    /// SQL and values stay out of it.
    init(storing error: any Error) {
        switch error {
        case let error as ChatError:
            self = error
        case let error as PostgresError:
            self.init(error)
        case is CancellationError:
            self.init(.cancelled, "The call was cancelled.")
        default:
            self.init(
                .storageUnavailable, "The database holds something this program cannot read.", isRetryable: false,
                detail: "\(type(of: error))")
        }
    }

    private init(_ error: PostgresError) {
        let detail = "PostgreSQL \(error.state.isEmpty ? "without code" : error.state), \(error.detail)"
        switch error.kind {
        case .cancelled:
            self.init(.cancelled, "The call was cancelled.", detail: detail)
        case _ where error.isSilent, .late:
            self.init(.storageUnavailable, "The database did not answer in time.", detail: detail)
        case .unreadable:
            self.init(
                .storageUnavailable, "The database holds something this program cannot read.", isRetryable: false,
                detail: detail)
        case .unreachable, .lost, .refused:
            self.init(state: error.state, kind: error.kind, detail: detail)
        }
    }

    /// By the classes of PostgreSQL's appendix A.
    private init(state: String, kind: PostgresError.Kind, detail: String) {
        switch state {
        case "54000", "54001":
            self.init(.payloadTooLarge, "A text is too large to be stored.", detail: detail)
        case "53100":
            self.init(.storageUnavailable, "The disk or the database is full.", detail: detail)
        case "53300":
            self.init(.storageUnavailable, "The database takes no more connections.", detail: detail)
        case "25006":
            self.init(.storageUnavailable, "The database cannot be written.", detail: detail)
        case "28000", "28P01":
            self.init(
                .storageUnavailable, "The database refuses the user or the password.", isRetryable: false,
                detail: detail)
        case "3D000":
            self.init(.storageUnavailable, "There is no such database.", isRetryable: false, detail: detail)
        case "42501":
            self.init(
                .storageUnavailable, "The database's user lacks a right this program needs.", isRetryable: false,
                detail: detail)
        case _ where state.hasPrefix("22") || state.hasPrefix("23") || state.hasPrefix("42"):
            self.init(.internal, "Something went wrong.", detail: detail)
        case _ where state.hasPrefix("57P"):
            self.init(.storageUnavailable, "The database is starting or shutting down.", detail: detail)
        case "" where kind == .unreachable:
            self.init(.storageUnavailable, "The database cannot be reached.", detail: detail)
        case "" where kind == .lost:
            self.init(.storageUnavailable, "The connection to the database broke.", detail: detail)
        default:
            self.init(.storageUnavailable, "The database does not work.", detail: detail)
        }
    }
}
