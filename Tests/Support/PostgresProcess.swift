import Foundation

/// One life of a server.
final class PostgresProcess: Sendable {
    /// The postmaster.
    let pid: Int32

    /// Starts `postgres` as a user it accepts; its log goes to `log` in the directory.
    init(_ arguments: [String], directory: String) throws {
        let process = Process()
        let command = try PostgresPrograms.unprivileged([try PostgresPrograms.path("postgres")] + arguments)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments =
            ["-c", #"log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null"#, "postgres", "\(directory)/log"]
            + command
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        try process.run()
        pid = process.processIdentifier
    }

    var isRunning: Bool { kill(pid, 0) == 0 }

    /// The postmaster and its children.
    var members: [Int32] { [pid] + PostgresPrograms.children(of: pid) }
}

/// Ends a server and removes its directory when this process ends, however it ends.
///
/// It is a shell that waits for the end of its input, which is ours as long as we live.
final class PostgresWatchdog: Sendable {
    private let leash: Int32

    init(directory: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "watchdog", directory]
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        // A copy, because the pipe closes its own end when it is released. Neither is for other children.
        leash = fcntl(input.fileHandleForWriting.fileDescriptor, F_DUPFD_CLOEXEC, 3)
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try process.run()
        try input.fileHandleForWriting.close()
    }

    deinit { close(leash) }

    /// Looks at the command line before it ends a process: the file may be older than the number.
    private static let script = """
        trap '' INT TERM HUP
        cat >/dev/null
        pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || exit 0
        ours() { { cat "/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null | grep -qF "$1"; }
        if [ -n "$pid" ] && ours "$1"; then
            kill -QUIT "$pid"; kill -CONT "$pid"
            for _ in 1 2 3 4 5 6 7 8 9 10; do ours "$1" || break; sleep 0.2; done
            ! ours "$1" || kill -KILL "$pid"
        fi
        rm -rf "$1"
        """
}
