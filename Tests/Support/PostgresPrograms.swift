import Foundation

/// PostgreSQL's programs and what running them takes.
enum PostgresPrograms {
    /// Where `initdb` and `postgres` are; nil when they are not installed.
    static let directory: String? = {
        let manager = FileManager.default
        var candidates = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        // Debian keeps the server's programs out of the path, one directory for each version.
        for versions in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
            let names = ((try? manager.contentsOfDirectory(atPath: versions)) ?? []).sorted {
                $0.compare($1, options: .numeric) == .orderedDescending
            }
            candidates += names.map { "\(versions)/\($0)/bin" }
        }
        return candidates.first { directory in
            ["initdb", "postgres", "psql"].allSatisfy { manager.isExecutableFile(atPath: "\(directory)/\($0)") }
        }
    }()

    static func path(_ program: String) throws -> String {
        guard let directory else { throw PostgresServer.Failure(description: "PostgreSQL is not installed.") }
        return "\(directory)/\(program)"
    }

    /// The command as somebody else when we are root, whom the server refuses.
    static func unprivileged(_ command: [String]) throws -> [String] {
        guard let user = serverUser else { return command }
        return ["/usr/bin/env", "setpriv", "--reuid=\(user)", "--regid=\(group(of: user))", "--clear-groups", "--"]
            + command
    }

    private static let serverUser: UInt32? = {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let user = unsafe getpwnam(name) { return unsafe user.pointee.pw_uid }
        }
        return nil
    }()

    private static func group(of user: UInt32) -> UInt32 { unsafe getpwuid(user)?.pointee.pw_gid ?? user }

    // MARK: Cluster

    /// A new directory whose path is short enough for a socket's.
    static func makeDirectory() throws -> String {
        let path = "/tmp/ss-pg-" + UUID().uuidString.prefix(13).lowercased()
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        if let serverUser { _ = unsafe chown(path, serverUser, group(of: serverUser)) }
        return path
    }

    static func initialize(_ directory: String, user: String, password: String) throws {
        let passwordFile = "\(directory)/password"
        try Data("\(password)\n".utf8).write(to: URL(fileURLWithPath: passwordFile))
        if let serverUser { _ = unsafe chown(passwordFile, serverUser, group(of: serverUser)) }
        try run(
            unprivileged([
                path("initdb"), "-D", "\(directory)/data", "-U", user, "--pwfile", passwordFile, "--auth-local=trust",
                "--auth-host=scram-sha-256", "--no-sync", "--no-locale", "-E", "UTF8",
            ]))
    }

    static func adopt(_ file: String, as path: String) throws {
        let manager = FileManager.default
        try manager.copyItem(atPath: file, toPath: path)
        try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        if let serverUser { _ = unsafe chown(path, serverUser, group(of: serverUser)) }
    }

    static func isReady(_ directory: String, port: Int) throws -> Bool {
        (try? run([
            path("psql"), "-X", "-q", "-h", directory, "-p", "\(port)", "-U", PostgresServer.user, "-d", "postgres",
            "-c", "SELECT 1",
        ])) != nil
    }

    static func sql(
        _ text: String, directory: String, port: Int, user: String, database: String
    ) async throws -> String {
        let command = [
            try path("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-p", "\(port)", "-U",
            user, "-d", database, "-c", text,
        ]
        let result: Result<String, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try run(command) }) }
        }
        return try result.get()
    }

    /// A port nobody listens on at the moment.
    static func freePort() throws -> Int {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, length) == 0 ? unsafe getsockname(descriptor, generic, &length) : -1
            }
        }
        guard status == 0 else { throw PostgresServer.Failure(description: "There is no free port.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    // MARK: Processes

    /// Runs a program to its end; its output, or a failure with what it complained of.
    @discardableResult
    static func run(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let output = Pipe()
        let complaints = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw PostgresServer.Failure(description: "\(command[0]): \(complaint)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The processes a process has started.
    static func children(of parent: Int32) -> [Int32] {
        guard FileManager.default.fileExists(atPath: "/proc/self/stat") else {
            let list = (try? run(["/usr/bin/pgrep", "-P", "\(parent)"])) ?? ""
            return list.split(separator: "\n").compactMap { Int32($0) }
        }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
            // The name before may hold anything: the fields begin behind its last bracket.
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && Int32(fields[1]) == parent
        }
    }
}
