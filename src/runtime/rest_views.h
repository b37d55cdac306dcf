// What a job says, in the shapes of flinkrest. Pure functions from a job's moment to an answer; used by RestServer.
#pragma once

#include <string>

#include "flinkrest/checkpoints.h"
#include "flinkrest/cluster.h"
#include "flinkrest/job_config.h"
#include "flinkrest/job_details.h"
#include "flinkrest/job_exceptions.h"
#include "flinkrest/job_list.h"
#include "flinkrest/metrics.h"
#include "flinkrest/task_managers.h"
#include "flinkrest/vertex.h"
#include "obs/metrics.h"
#include "runtime/job.h"

namespace raudal::runtime {

flinkrest::ClusterOverview cluster_overview(const JobStatus& status);
flinkrest::JobSummary job_summary(const JobStatus& status, int64_t now_ms);
flinkrest::JobDetails job_details(const JobStatus& status, codec::Json plan, int64_t now_ms);
flinkrest::JobConfiguration job_configuration(const Job& job);
flinkrest::JobExceptions job_exceptions(const std::vector<ExceptionRecord>& records);
flinkrest::Checkpoint checkpoint_view(const CheckpointRecord& record);
flinkrest::Checkpoints checkpoints_view(const CheckpointStatistics& statistics);
flinkrest::CheckpointConfig checkpoint_config(const CheckpointOptions& options);
flinkrest::Vertex vertex_view(const VertexStatus& vertex, int64_t now_ms);
flinkrest::TaskManager task_manager(const JobStatus& status, int64_t memory_max);

// Metrics of the job itself, of the process, and of a vertex ("<subtask>.<metric>", "<subtask>.<operator>.<metric>").
flinkrest::MetricValues job_metrics(const obs::MetricRegistry& registry, const std::string& job);
flinkrest::MetricValues process_metrics(const obs::MetricRegistry& registry);
flinkrest::MetricValues vertex_metrics(const obs::MetricRegistry& registry, const std::string& job,
                                       const std::string& vertex);
// The same by subtask, with ids "<metric>" and "<operator>.<metric>".
std::vector<flinkrest::MetricValues> subtask_metrics(const obs::MetricRegistry& registry, const std::string& job,
                                                     const VertexStatus& vertex);

}  // namespace raudal::runtime
