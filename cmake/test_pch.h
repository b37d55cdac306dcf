// The standard headers and GoogleTest, parsed once for all tests.
#pragma once
#include "pch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
