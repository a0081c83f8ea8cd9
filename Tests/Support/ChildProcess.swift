package import Foundation
import Synchronization

/// A program that runs: what it says is collected, and can be waited for.
///
/// It is heard of by `waitpid` on a thread of its own, and inherits nothing: an end is known at once, whatever else the tests
/// start and open.
package final class ChildProcess: Sendable {
    /// What came out, and how it ended.
    package struct Result: Sendable {
        package var output: String
        package var errors: String
        /// The exit code; negative for the signal that ended the process.
        package var status: Int32

        /// The lines of standard output.
        package var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Where standard output goes.
    package enum Output: Hashable {
        case pipe
        /// A pipe whose reader leaves, as `head` does, when it has seen this text.
        case head(after: String)
        /// A file on a disk without any room.
        case fullDisk
        /// Standard output and standard error are one terminal, and standard input too.
        case terminal

        fileprivate var lastWords: String? {
            if case .head(let text) = self { text } else { nil }
        }
    }

    package let output: CollectedBytes
    package let errors: CollectedBytes
    package let pid: pid_t
    private let input: FileHandle
    private let ended = ScriptedUpstream.Gate()
    private let waitStatus = Mutex<Int32>(0)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: the name of a program built beside the tests, or a path.
    ///   - text: what it reads; nil leaves its standard input open.
    package init(
        _ arguments: [String], of program: String, environment: [String: String], input text: String? = "",
        output kind: Output = .pipe
    ) throws {
        // No child may inherit what another's is being made of.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        switch kind {
        case .pipe, .head, .fullDisk:
            let (inPipe, outPipe, errPipe) = (try Self.openPipe(), try Self.openPipe(), try Self.openPipe())
            let out = kind == .fullDisk ? unsafe open("/dev/full", O_WRONLY | O_CLOEXEC) : outPipe.write
            pid = try Self.spawn(program, arguments, environment, [inPipe.read, out, errPipe.write])
            if out != outPipe.write { close(out) }
            input = FileHandle(fileDescriptor: inPipe.write, closeOnDealloc: true)
            output = CollectedBytes(
                FileHandle(fileDescriptor: outPipe.read, closeOnDealloc: true), leavesAfter: kind.lastWords)
            errors = CollectedBytes(FileHandle(fileDescriptor: errPipe.read, closeOnDealloc: true))
            for end in [inPipe.read, outPipe.write, errPipe.write] { close(end) }
        case .terminal:
            let (main, end) = try Self.openTerminal()
            pid = try Self.spawn(program, arguments, environment, [end, end, end])
            close(end)
            input = FileHandle(fileDescriptor: main, closeOnDealloc: true)
            output = CollectedBytes(input)
            errors = output
        }
        waitInBackground()
        output.startReading()
        if errors !== output {
            errors.startReading()
            if let text { sendInput(text.utf8) }
        }
    }

    private static let spawning = NSLock()

    private func waitInBackground() {
        Thread.detachNewThread { [self] in
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            waitStatus.withLock { $0 = status }
            ended.open()
        }
    }

    /// Writes to standard input, in the background, and ends it.
    package func sendInput(_ bytes: some Sequence<UInt8>) {
        let (input, data) = (self.input, Data(bytes))
        DispatchQueue.global().async {
            // A process that does not read its input ends before all is written.
            try? input.write(contentsOf: data)
            try? input.close()
        }
    }

    /// Types into the terminal.
    package func type(_ text: String) throws { try input.write(contentsOf: Data(text.utf8)) }

    /// Waits until the program has taken over the signals, which it does before it reads its input.
    package func hasStarted() async throws {
        let mask = UInt64(1) << UInt64(SIGINT - 1)
        while true {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
            let bits = caught.flatMap { UInt64($0.dropFirst("SigCgt:".count).filter(\.isHexDigit), radix: 16) } ?? 0
            if bits & mask != 0 { return }
            await Task.yield()
        }
    }

    /// Sends a signal, unless the program has ended.
    package func send(_ signal: Int32) {
        if ended.count == 0 { kill(pid, signal) }
    }

    /// Waits for the end; the exit code, negative for the signal that ended the program. Cancelling kills it.
    package func status() async throws -> Int32 {
        try await withTaskCancellationHandler {
            try await ended.wait()
        } onCancel: {
            send(SIGKILL)
        }
        let status = waitStatus.withLock { $0 }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : -signal
    }

    /// Waits for the end and for all that was said.
    package func result() async throws -> Result {
        let status = try await status()
        await output.end()
        await errors.end()
        return Result(output: output.text, errors: errors.text, status: status)
    }

    /// A program, built beside the tests.
    private static func executable(_ name: String) -> URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    /// What a program gets besides its own settings: where its libraries are, and what its sanitizer is told.
    private static var inherited: [String: String] {
        let names: Set = ["LD_LIBRARY_PATH", "LD_PRELOAD", "ASAN_OPTIONS", "TSAN_OPTIONS"]
        return ProcessInfo.processInfo.environment.filter { names.contains($0.key) }
    }

    /// Starts the program with three descriptors and no others.
    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ descriptors: [Int32]
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        // Sockets of the tests, which a child would keep open. Closing what is not open is no error here.
        for descriptor in 3..<Self.highestDescriptor + 256 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        let path = program.contains("/") ? program : executable(program).path
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        let environment = environment.merging(inherited) { own, _ in own }
        var settings = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + settings).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, path, &actions, nil, &words, &settings)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return process
    }

    private static var highestDescriptor: Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return max(names.compactMap { Int32($0) }.max() ?? 0, 1024)
    }

    private static func openPipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func openTerminal() throws -> (main: Int32, end: Int32) {
        // What unlockpt and ptsname do; the C library's module does not have them.
        let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        let main = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard main >= 0, unsafe ioctl(main, setLock, &lock) == 0, unsafe ioctl(main, getNumber, &number) == 0 else {
            throw POSIXError(.EIO)
        }
        let end = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard end >= 0 else { throw POSIXError(.EIO) }
        return (main, end)
    }
}
