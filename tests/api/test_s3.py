"""The S3 API with the clients that people use: boto3, the AWS command line, and plain HTTP for presigned URLs."""

import base64
import hashlib
import os
import subprocess
import threading
import urllib.error
import urllib.request
import uuid
import zlib

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

MIB = 1 << 20


@pytest.fixture
def s3(service):
    return s3_client(service)


def s3_client(service, key=None, secret=None, url=None, style="path"):
    own_key, own_secret = service.credentials()
    return boto3.client("s3", endpoint_url=url or service.endpoint, region_name="us-east-1",
                        aws_access_key_id=key or own_key, aws_secret_access_key=secret or own_secret,
                        config=Config(signature_version="s3v4", retries={"total_max_attempts": 1},
                                      s3={"addressing_style": style}))


@pytest.fixture
def bucket(s3):
    name = f"b-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for item in page.get("Versions", []) + page.get("DeleteMarkers", []):
            s3.delete_object(Bucket=name, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def aws(service, tmp_path):
    key, secret = service.credentials()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ACCESS_KEY_ID": key,
           "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
           "AWS_EC2_METADATA_DISABLED": "true"}

    def run(*arguments, ok=True):
        done = subprocess.run(["aws", "--endpoint-url", service.endpoint, *arguments], env=env, text=True,
                              capture_output=True, timeout=180, check=False)
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout if ok else done.stderr

    return run


def error_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def http_get(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


# Buckets

def test_buckets_are_made_listed_and_removed(s3, bucket):
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    s3.create_bucket(Bucket=bucket)  # one's own bucket again is fine in us-east-1
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert error_of(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"


def test_bucket_errors_are_the_ones_of_s3(s3):
    assert error_of(s3.head_bucket, Bucket="no-such-bucket") == "404"
    assert error_of(s3.list_objects_v2, Bucket="no-such-bucket") == "NoSuchBucket"
    assert error_of(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"x") == "NoSuchBucket"
    assert error_of(s3.delete_bucket, Bucket="no-such-bucket") == "NoSuchBucket"
    for name in ["health", "Upper", "a..b", "192.168.0.1", "-ab"]:
        assert error_of(s3.create_bucket, Bucket=name) in ("InvalidBucketName",), name


def test_what_is_not_built_says_so(s3, bucket):
    assert error_of(s3.put_bucket_policy, Bucket=bucket, Policy="{}") == "NotImplemented"
    assert error_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NotImplemented"
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", ServerSideEncryption="AES256") == "NotImplemented"
    assert s3.get_paginator("list_objects_v2").paginate(Bucket=bucket).build_full_result().get("Contents") is None


# Objects

@pytest.mark.parametrize("key", ["plain", "dir/a b+c&d=é#?.txt", "a//b", "trailing/", "ü/%41~'()*!", "..", "a/../b"])
def test_object_goes_in_and_out_under_any_key(s3, bucket, key):
    body = key.encode() * 1000
    put = s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/x", Metadata={"Owner": "me", "n": "1"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == body
    assert (got["ContentType"], got["Metadata"], got["ETag"]) == ("text/x", {"owner": "me", "n": "1"}, put["ETag"])
    head = s3.head_object(Bucket=bucket, Key=key)
    assert (head["ContentLength"], head["AcceptRanges"]) == (len(body), "bytes")
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert error_of(s3.get_object, Bucket=bucket, Key=key) == "NoSuchKey"
    assert error_of(s3.head_object, Bucket=bucket, Key=key) == "404"


def test_empty_object_and_replacement(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b""
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 1


def test_ranges(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for text, wanted, content_range in [("bytes=2-4", b"234", "bytes 2-4/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
                                        ("bytes=-3", b"789", "bytes 7-9/10"), ("bytes=5-99", b"56789", "bytes 5-9/10")]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=text)
        assert (got["Body"].read(), got["ContentRange"]) == (wanted, content_range)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert error_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == "InvalidRange"
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=4-2")["Body"].read() == b"0123456789"


def test_conditions_on_reading(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["ETag"] == etag
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfMatch='"0"') == "PreconditionFailed"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag) == "304"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfModifiedSince=modified) == "304"
    assert s3.get_object(Bucket=bucket, Key="k", IfUnmodifiedSince=modified)["ETag"] == etag


def test_conditions_on_writing(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfMatch='"0"') == "PreconditionFailed"
    assert error_of(s3.put_object, Bucket=bucket, Key="none", Body=b"2", IfMatch=etag) == "NoSuchKey"
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_of_racing_conditional_puts_one_wins(service, bucket):
    won = []

    def put(number):
        try:
            s3_client(service).put_object(Bucket=bucket, Key="race", Body=str(number).encode(), IfNoneMatch="*")
            won.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"

    threads = [threading.Thread(target=put, args=(n,)) for n in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(won) == 1
    assert s3_client(service).get_object(Bucket=bucket, Key="race")["Body"].read() == str(won[0]).encode()


def test_digests_are_checked(s3, bucket):
    body = b"checked"
    good = base64.b64encode(hashlib.md5(body).digest()).decode()
    s3.put_object(Bucket=bucket, Key="k", Body=body, ContentMD5=good)
    bad = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=body, ContentMD5=bad) == "BadDigest"
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=body, ContentMD5="x") == "InvalidDigest"
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=body, ChecksumSHA256="A" * 43 + "=") == "BadDigest"


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_kept_and_told(s3, bucket, algorithm):
    body = b"some bytes"
    value = {"CRC32": zlib.crc32(body).to_bytes(4, "big"), "SHA1": hashlib.sha1(body).digest(),
             "SHA256": hashlib.sha256(body).digest()}[algorithm]
    name, expected = f"Checksum{algorithm}", base64.b64encode(value).decode()
    assert s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)[name] == expected
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (got[name], got["Body"].read()) == (expected, body)


def test_copy_keeps_or_replaces_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key="from/ä b", Body=b"x" * 100, Metadata={"a": "1"}, ContentType="text/x")
    source = {"Bucket": bucket, "Key": "from/ä b"}
    s3.copy_object(Bucket=bucket, Key="to", CopySource=source)
    got = s3.head_object(Bucket=bucket, Key="to")
    assert (got["Metadata"], got["ContentType"], got["ContentLength"]) == ({"a": "1"}, "text/x", 100)
    s3.copy_object(Bucket=bucket, Key="to", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    assert s3.head_object(Bucket=bucket, Key="to")["Metadata"] == {"b": "2"}
    s3.delete_object(Bucket=bucket, Key="from/ä b")
    assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == b"x" * 100
    assert error_of(s3.copy_object, Bucket=bucket, Key="to", CopySource=source) == "NoSuchKey"
    assert error_of(s3.copy_object, Bucket=bucket, Key="to",
                    CopySource={"Bucket": bucket, "Key": "to"}) == "InvalidRequest"


# Lists

def keys(page):
    return [o["Key"] for o in page.get("Contents", [])]


def prefixes(page):
    return [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def test_lists_with_prefix_delimiter_and_pages(s3, bucket):
    names = ["a", "b/1", "b/2", "b/c/3", "d", "e f/1", "z&<"]
    for name in reversed(names):
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    assert keys(s3.list_objects_v2(Bucket=bucket)) == names
    page = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert (keys(page), prefixes(page)) == (["a", "d", "z&<"], ["b/", "e f/"])
    page = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/")
    assert (keys(page), prefixes(page)) == (["b/1", "b/2"], ["b/c/"])
    assert keys(s3.list_objects_v2(Bucket=bucket, StartAfter="b/2")) == names[3:]
    for size in range(1, 9):
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", MaxKeys=size))
        assert [k for p in pages for k in keys(p)] == ["a", "d", "z&<"]
        assert [k for p in pages for k in prefixes(p)] == ["b/", "e f/"]
        assert all(p["KeyCount"] <= size for p in pages)
        pages = list(s3.get_paginator("list_objects").paginate(Bucket=bucket, PaginationConfig={"PageSize": size}))
        assert [k for p in pages for k in keys(p)] == names
        pages = list(s3.get_paginator("list_objects").paginate(Bucket=bucket, Delimiter="/",
                                                               PaginationConfig={"PageSize": size}))
        assert [k for p in pages for k in prefixes(p)] == ["b/", "e f/"]
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=0)["IsTruncated"] is False


def test_delete_objects(s3, bucket):
    for name in ["a", "b", "c"]:
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "none"}]})
    assert sorted(d["Key"] for d in answer["Deleted"]) == ["a", "none"]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert "Deleted" not in answer
    assert keys(s3.list_objects_v2(Bucket=bucket)) == ["c"]


# Versions

def test_versions(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    two = s3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=one)["Body"].read() == b"one"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"before"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", VersionId="0" * 32) == "NoSuchVersion"

    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    assert error_of(s3.get_object, Bucket=bucket, Key="k") == "NoSuchKey"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", VersionId=marker["VersionId"]) == "MethodNotAllowed"
    assert keys(s3.list_objects_v2(Bucket=bucket)) == []
    listed = s3.list_object_versions(Bucket=bucket)
    assert [v["VersionId"] for v in listed["Versions"]] == [two, one, "null"]
    assert [(m["VersionId"], m["IsLatest"]) for m in listed["DeleteMarkers"]] == [(marker["VersionId"], True)]

    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=two)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"one"

    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"null again")["VersionId"] == "null"
    assert [v["VersionId"] for v in s3.list_object_versions(Bucket=bucket)["Versions"]] == ["null", one]


def test_pages_of_versions(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    wanted = []
    for key in ["a", "b/x", "c"]:
        ids = [s3.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"] for _ in range(3)]
        wanted += [(key, i) for i in reversed(ids)]
    for size in (1, 2, 4, 100):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
        assert [(v["Key"], v["VersionId"]) for p in pages for v in p.get("Versions", [])] == wanted
    page = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert (prefixes(page), len(page["Versions"])) == (["b/"], 6)


# Uploads in parts

def test_multipart_upload(s3, bucket):
    parts = [os.urandom(5 * MIB), os.urandom(5 * MIB), b"end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ContentType="text/x", Metadata={"a": "1"})["UploadId"]
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    sent = []
    for number, body in enumerate(parts, 1):
        answer = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body)
        sent.append({"PartNumber": number, **{k: v for k, v in answer.items() if k == "ETag" or k.startswith("Check")}})
    assert [p["Size"] for p in s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]] == [5 * MIB, 5 * MIB, 3]
    assert error_of(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload,
                    MultipartUpload={"Parts": sent[::-1]}) == "InvalidPartOrder"
    wrong = [{**sent[0], "ETag": '"0"'}]
    assert error_of(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload,
                    MultipartUpload={"Parts": wrong}) == "InvalidPart"
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": sent})
    digest = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest()
    assert done["ETag"] == f'"{digest}-3"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"".join(parts), "text/x", {"a": "1"})
    across = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={5 * MIB - 2}-{10 * MIB + 1}")["Body"].read()
    assert across == b"".join(parts)[5 * MIB - 2:10 * MIB + 2]
    assert s3.get_object(Bucket=bucket, Key="k", PartNumber=3)["Body"].read() == b"end"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_small_parts_and_unknown_uploads_are_refused(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    sent = []
    for number in (1, 2):
        answer = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"small")
        sent.append({"PartNumber": number, "ETag": answer["ETag"]})
    assert error_of(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload,
                    MultipartUpload={"Parts": sent}) == "EntityTooSmall"
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert error_of(s3.upload_part, Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"") == "NoSuchUpload"
    assert error_of(s3.get_object, Bucket=bucket, Key="k") == "NoSuchKey"


def test_part_copied_from_another_object(s3, bucket):
    body = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="from", Body=body)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="to")["UploadId"]
    part = s3.upload_part_copy(Bucket=bucket, Key="to", UploadId=upload, PartNumber=1,
                               CopySource={"Bucket": bucket, "Key": "from"},
                               CopySourceRange=f"bytes=10-{6 * MIB - 1}")["CopyPartResult"]
    s3.complete_multipart_upload(Bucket=bucket, Key="to", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == body[10:]


@pytest.mark.parametrize("extra", [{}, {"ChecksumAlgorithm": "SHA256"}, {"ChecksumAlgorithm": "CRC32"}])
def test_large_file_by_the_transfer_manager(s3, bucket, tmp_path, extra):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(MIB) * 20)
    s3.upload_file(str(path), bucket, "large", ExtraArgs=extra)
    s3.download_file(bucket, "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == path.read_bytes()


# Signatures

def test_wrong_keys_are_refused(service, s3, bucket):
    assert error_of(s3_client(service, secret="wrong").list_buckets) == "SignatureDoesNotMatch"
    assert error_of(s3_client(service, key="AKIDUNKNOWN").list_buckets) == "InvalidAccessKeyId"
    status, _, body = http_get(f"{service.endpoint}/{bucket}/k")
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)


def test_presigned_urls(s3, bucket):
    s3.put_object(Bucket=bucket, Key="dir/a b", Body=b"shared")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "dir/a b",
                                                          "ResponseContentType": "text/x"}, ExpiresIn=60)
    status, headers, body = http_get(url)
    assert (status, headers["Content-Type"], body) == (200, "text/x", b"shared")
    assert http_get(url, Range="bytes=0-1")[2] == b"sh"
    assert http_get(url.replace("a%20b", "other"))[0] == 403
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "put"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(put, data=b"from outside", method="PUT")).close()
    assert s3.get_object(Bucket=bucket, Key="put")["Body"].read() == b"from outside"


def test_virtual_host_style(service, bucket, s3):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    port = service.endpoint.rsplit(":", 1)[1]
    virtual = s3_client(service, url=f"http://localhost:{port}", style="virtual")
    url = virtual.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    host = f"{bucket}.localhost:{port}"
    assert host in url
    assert http_get(url.replace(host, f"127.0.0.1:{port}"), Host=host)[2] == b"x"


# The AWS command line

def test_command_line_mb_cp_ls_sync_rm_rb(aws, tmp_path):
    name = f"cli-{uuid.uuid4().hex[:12]}"
    (tmp_path / "tree/sub dir").mkdir(parents=True)
    for file in ["tree/one.txt", "tree/sub dir/two.txt", "tree/drei ä.txt"]:
        (tmp_path / file).write_text(file)
    assert name in aws("s3", "mb", f"s3://{name}")
    assert name in aws("s3", "ls")
    aws("s3", "cp", str(tmp_path / "tree/one.txt"), f"s3://{name}/one.txt")
    assert "one.txt" in aws("s3", "ls", f"s3://{name}/")
    assert aws("s3", "cp", f"s3://{name}/one.txt", "-") == "tree/one.txt"
    assert aws("s3", "sync", str(tmp_path / "tree"), f"s3://{name}/t").count("upload:") == 3
    assert aws("s3", "sync", str(tmp_path / "tree"), f"s3://{name}/t") == ""
    assert "PRE t/" in aws("s3", "ls", f"s3://{name}/")
    assert aws("s3", "ls", "--recursive", f"s3://{name}/").count("\n") == 4
    aws("s3", "sync", f"s3://{name}/t", str(tmp_path / "back"))
    assert (tmp_path / "back/sub dir/two.txt").read_text() == "tree/sub dir/two.txt"
    aws("s3", "mv", f"s3://{name}/one.txt", f"s3://{name}/moved.txt")
    aws("s3", "rm", "--recursive", f"s3://{name}/t")
    assert "moved.txt" in aws("s3", "ls", "--recursive", f"s3://{name}")
    assert "BucketNotEmpty" in aws("s3", "rb", f"s3://{name}", ok=False)
    aws("s3", "rb", "--force", f"s3://{name}")
    assert name not in aws("s3", "ls")


def test_command_line_200_mib_and_versions(aws, tmp_path):
    name = f"cli-{uuid.uuid4().hex[:12]}"
    block = os.urandom(MIB)
    with open(tmp_path / "large", "wb") as file:
        for number in range(200):
            file.write(number.to_bytes(4, "big") + block[4:])
    aws("s3", "mb", f"s3://{name}")
    aws("s3api", "put-bucket-versioning", "--bucket", name, "--versioning-configuration", "Status=Enabled")
    aws("s3", "cp", "--quiet", str(tmp_path / "large"), f"s3://{name}/large")
    version = aws("s3api", "list-object-versions", "--bucket", name, "--query", "Versions[0].VersionId",
                  "--output", "text").strip()
    aws("s3", "cp", "--quiet", str(tmp_path / "tiny"), f"s3://{name}/large", ok=False)
    aws("s3api", "put-object", "--bucket", name, "--key", "large")
    aws("s3api", "get-object", "--bucket", name, "--key", "large", "--version-id", version, str(tmp_path / "back"))
    assert digest(tmp_path / "large") == digest(tmp_path / "back")
    aws("s3", "cp", "--quiet", f"s3://{name}/large", f"s3://{name}/copy")
    for key in ("large", "copy"):
        for kind in ("Versions", "DeleteMarkers"):
            ids = aws("s3api", "list-object-versions", "--bucket", name, "--prefix", key, "--query",
                      f"{kind}[].VersionId", "--output", "text").split()
            for version in ids:
                if version != "None":
                    aws("s3api", "delete-object", "--bucket", name, "--key", key, "--version-id", version)
    aws("s3", "rb", f"s3://{name}")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
