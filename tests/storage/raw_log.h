#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nexus::storage {

// The log's RocksDB, opened behind its back while no RocksLog holds it, to look and to do damage.
class RawLog {
 public:
  explicit RawLog(const std::string& data_folder) {
    const std::string path = data_folder + "/log";
    std::vector<std::string> names;
    Check(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), path, &names));
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* db = nullptr;
    Check(rocksdb::DB::Open(rocksdb::Options(), path, families, &handles_, &db));
    db_.reset(db);
  }
  ~RawLog() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_)
      Check(db_->DestroyColumnFamilyHandle(handle));
  }

  std::optional<std::string> Get(const std::string& family, const std::string& key) {
    std::string value;
    const rocksdb::Status got = db_->Get(rocksdb::ReadOptions(), Family(family), key, &value);
    if (got.IsNotFound()) return std::nullopt;
    Check(got);
    return value;
  }
  void Put(const std::string& family, const std::string& key, const std::string& value) {
    Check(db_->Put(rocksdb::WriteOptions(), Family(family), key, value));
  }
  void Delete(const std::string& family, const std::string& key) {
    Check(db_->Delete(rocksdb::WriteOptions(), Family(family), key));
  }

 private:
  static void Check(const rocksdb::Status& status) {
    if (!status.ok()) ADD_FAILURE() << status.ToString();
    if (!status.ok()) std::abort();
  }
  rocksdb::ColumnFamilyHandle* Family(const std::string& name) {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      if (handle->GetName() == name) return handle;
    }
    std::abort();
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace nexus::storage
