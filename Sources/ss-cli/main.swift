// The only place that reads arguments, environment and the standard streams.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

// A file that is opened later must not become a standard stream that was closed.
for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
    _ = unsafe open("/dev/null", O_RDWR)
}

let context = CommandContext(
    environment: ProcessInfo.processInfo.environment,
    console: Console(input: 0, output: 1, errors: 2, environment: ProcessInfo.processInfo.environment),
    interrupts: Interrupts())
let status = await SSCommand.run(Array(CommandLine.arguments.dropFirst()), in: context)
exit(status.rawValue)
