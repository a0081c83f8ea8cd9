import SimpleStreamKit
print("x")
