#include "cluster/java_object.h"

#include <map>
#include <vector>

namespace raudal::cluster {
namespace {

constexpr int kDepthMax = 16;
constexpr uint32_t kStreamHeader = 0xaced0005;
constexpr int32_t kFirstHandle = 0x7e0000;
constexpr uint8_t kNull = 0x70, kReference = 0x71, kClass = 0x72, kObject = 0x73, kString = 0x74, kEndOfBlock = 0x78,
                  kEnum = 0x7e;
constexpr uint8_t kHasWriteMethod = 0x01, kSerializable = 0x02;

// The stream's grammar (Java Object Serialization Specification, chapter 6), as far as it occurs here.
class Walker {
 public:
  explicit Walker(ByteCursor& cursor) : cursor_(cursor) {}

  void content(int depth) {
    if (depth > kDepthMax) return cursor_.fail();
    switch (cursor_.u8()) {
      case kNull: return;
      case kReference: cursor_.i32(); return;
      case kString: ++next_handle_, cursor_.utf(); return;
      case kEnum:
        class_description(depth);
        ++next_handle_;
        return content(depth + 1);  // the constant's name
      case kObject: {
        const int32_t described = class_description(depth);
        ++next_handle_;
        return values_of(described, depth);
      }
      default: cursor_.fail();
    }
  }

 private:
  struct Class {
    std::vector<char> fields;  // their types, in order
    int32_t parent = 0;        // handle; 0: none
  };

  // The handle of the class; 0 for null.
  int32_t class_description(int depth) {
    if (depth > kDepthMax) cursor_.fail();
    if (!cursor_.ok()) return 0;
    const uint8_t tag = cursor_.u8();
    if (tag == kNull) return 0;
    if (tag == kReference) return cursor_.i32();
    if (tag != kClass) cursor_.fail();
    Class described;
    cursor_.utf();
    cursor_.i64();
    const int32_t handle = next_handle_++;
    const uint8_t flags = cursor_.u8();
    if ((flags & kHasWriteMethod) || !(flags & kSerializable)) cursor_.fail();
    for (int left = cursor_.u16(); left > 0 && cursor_.ok(); --left) {
      described.fields.push_back(static_cast<char>(cursor_.u8()));
      cursor_.utf();
      if (described.fields.back() == 'L' || described.fields.back() == '[') content(depth + 1);  // the type's name
    }
    if (cursor_.u8() != kEndOfBlock) cursor_.fail();
    described.parent = class_description(depth + 1);
    classes_[handle] = described;
    return handle;
  }

  // The fields of the most general class come first.
  void values_of(int32_t handle, int depth) {
    if (handle == 0 || !cursor_.ok()) return;
    const auto found = classes_.find(handle);
    if (found == classes_.end() || depth > kDepthMax) return cursor_.fail();
    values_of(found->second.parent, depth + 1);
    for (const char type : found->second.fields) {
      switch (type) {
        case 'Z':
        case 'B': cursor_.u8(); break;
        case 'C':
        case 'S': cursor_.u16(); break;
        case 'I':
        case 'F': cursor_.i32(); break;
        case 'J':
        case 'D': cursor_.i64(); break;
        case 'L': content(depth + 1); break;
        default: cursor_.fail();
      }
    }
  }

  ByteCursor& cursor_;
  std::map<int32_t, Class> classes_;
  int32_t next_handle_ = kFirstHandle;
};

}  // namespace

void skip_java_object(ByteCursor& cursor) {
  if (static_cast<uint32_t>(cursor.i32()) != kStreamHeader) return cursor.fail();
  Walker(cursor).content(0);
}

}  // namespace raudal::cluster
